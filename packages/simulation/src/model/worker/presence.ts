import type { Model, RunRow, WorkerRow } from "../model.ts";

/** No beat for this long and a worker is dead, whatever its session says (D26) (ms). */
const SILENT_MS = 10_000;
/** No beat for this long, and its session's lock is free (ms). */
const SESSION_GONE_MS = 1_500;
/** A claim whose answer never reached its worker is noticed by that worker itself after this long (ms). */
const UNANSWERED_MS = 5_000;

interface Liveness {
  /** May session locks be trusted here? A session that its pooler has let go says nothing of its worker. */
  trustsLocks?: boolean;
}

export function isAlive(model: Model, { beatAt, lockKey }: WorkerRow, { trustsLocks = true }: Liveness = {}): boolean {
  const silentMs = model.now - beatAt;
  const isSessionGone = trustsLocks && lockKey !== null && !model.heldLocks.has(lockKey);
  return silentMs <= (isSessionGone ? SESSION_GONE_MS : SILENT_MS);
}

/** Is this worker known to be dead? Of one that nobody knows only its leases tell. */
export function isDead(model: Model, workerId: string | null, liveness: Liveness = {}): boolean {
  const worker = workerId === null ? undefined : model.workers.get(workerId);
  return worker !== undefined && !isAlive(model, worker, liveness);
}

/** Has the run's lease run out, or is its owner dead? */
export function isStale(model: Model, { leaseExpiresAt, owner }: RunRow, liveness: Liveness = {}): boolean {
  return (leaseExpiresAt !== null && leaseExpiresAt <= model.now) || isDead(model, owner, liveness);
}

/** Is the run in this worker's name without its knowing: a claim whose answer was lost? */
export function isUnanswered(model: Model, run: RunRow, { owner, driven, ttlMs }: { owner: string; driven: readonly string[]; ttlMs: number }): boolean {
  return run.owner === owner && !driven.includes(run.id) && run.leaseExpiresAt! < model.now + ttlMs - UNANSWERED_MS;
}

/** Is there a live worker of the app that has loaded this? */
export function hasLoaded(model: Model, can: "check" | "compensate" | "timer", app: string, name: string): boolean {
  return [...model.workers.values()].some(
    (worker) => isAlive(model, worker) && worker.tools.some((loaded) => loaded.app === app && loaded.tool === name && loaded.can === can),
  );
}
