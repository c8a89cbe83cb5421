import type { Claim, Renewal } from "@tape/store";
import type { Log } from "../log.ts";
import { createLoop } from "../loop.ts";
import { createService, startAll, stopAll, type Service } from "../service.ts";
import type { Drive, DriveResult } from "./drive.ts";
import { Held } from "./held.ts";
import type { Committed } from "./journal.ts";
import { renewalLoop, watchLoop } from "./leases.ts";
import { ParkedDrives, type ParkedOptions } from "./parked.ts";
import { within } from "../within.ts";

export interface ExecutorOptions {
  createDrive: (claim: Claim) => Drive;
  renew: (runs: { runId: string; epoch: number }[]) => Promise<Map<string, Renewal>>;
  /** Most runs driven at a time. */
  concurrency: number;
  ttlMs: number;
  /** At stop: how long bodies may take to finish before their signals are aborted (ms). */
  graceMs: number;
  /** A suspect that its driver survived for this long is driven on in company (ms). Default 10,000. */
  suspectMs?: number;
  parked?: ParkedOptions;
  /** A place became free, or the last suspect was cleared. */
  onFree: () => void;
  /** It drives another number of runs now. */
  onChange?: (running: number) => void;
  log: Log;
  /** A monotonic clock (ms). Default `performance.now`. */
  now?: () => number;
}

export interface ExecutorStats {
  running: number;
  parked: number;
  /** Claims that went on in memory, claims that replayed the journal, and claims of walks. */
  resumed: number;
  replayed: number;
  walked: number;
  results: Record<DriveResult["status"] | "crashed", number>;
}

export interface Executor extends Service {
  /** How many more runs it takes. None before start and from the moment of stop. */
  free(): number;
  /** Is there no run under suspicion? One is driven at a time, so that if it takes the process with it, it is known who did (D25). */
  takesSuspect(): boolean;
  /** The runs it drives. */
  driven(): string[];
  /** Drives what was claimed. What comes after stop is given back. */
  accept(claims: readonly Claim[]): void;
  /** The run's journal grew to `seq`: its drive, if there is one and it was not its own doing, looks again. */
  poke(runId: string, seq: number): void;
  /** A drive of this worker committed. With progress (a decision, an outcome, a delivery) it is no longer a suspect. */
  committed(committed: Committed): void;
  /** Every drive looks again: hints may have been missed. */
  pokeAll(): void;
  /** Ends the grace period of a stop at once. */
  hurry(): void;
  stats(): ExecutorStats;
}

/** How long drives may take to release their leases after they were told to (ms). What is left is freed by its TTL. */
const RELEASE_MS = 5_000;

/** Owns the running drives of a worker: what it may take on, who is told what, and how it all ends. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { concurrency, ttlMs, graceMs, suspectMs = 10_000, renew, onFree, onChange = () => {}, log, now = () => performance.now() } = options;
  const driven = new Map<string, Held>();
  const parked = new ParkedDrives(options.parked ?? {}, now);
  const counts = { resumed: 0, replayed: 0, walked: 0, results: { parked: 0, ended: 0, lost: 0, released: 0, crashed: 0 } };
  let isTaking = false;
  let onEmpty: () => void = () => {};
  let hurry = new AbortController();

  const held = () => driven.values();
  const lose = (each: Held, why: string): void => {
    log.warn({ runId: each.claim.runId, epoch: each.claim.epoch }, `a lease is lost: ${why}`);
    each.abort("lease_lost");
    leave(each);
  };
  const renewal = renewalLoop({ ttlMs, held, renew, lose, now, log });
  const watch = watchLoop({ held, lose, now, log });
  const forgetting = createLoop({ name: "parked drives", pass: async () => parked.expire(), log });

  /** From here on it neither counts nor is renewed. */
  const leave = (each: Held): void => {
    if (driven.get(each.claim.runId) !== each) return;
    driven.delete(each.claim.runId);
    onChange(driven.size);
    onFree();
    if (driven.size === 0) onEmpty();
  };

  const drive = async (each: Held, begin: () => Promise<DriveResult>): Promise<void> => {
    let status: keyof typeof counts.results = "crashed";
    try {
      const result = await begin();
      status = result.status;
      if (result.status === "parked" && each.hasLease && isTaking) parked.keep(each.drive, result.epoch);
      else each.drive.dispose();
    } catch (error) {
      log.error({ runId: each.claim.runId, err: error }, "a drive failed; its lease will run out");
      each.drive.dispose();
    }
    counts.results[status] += 1;
    each.isOver = true;
    leave(each);
  };

  const acceptOne = (claim: Claim): void => {
    const older = driven.get(claim.runId);
    if (older) lose(older, "this worker has claimed the run anew");
    const kept = parked.take(claim);
    counts[kept ? "resumed" : claim.taken === "walk" ? "walked" : "replayed"] += 1;
    const each = new Held(claim, kept ?? options.createDrive(claim), now());
    driven.set(claim.runId, each);
    onChange(driven.size);
    void drive(each, () => (kept ? kept.resume(claim) : each.drive.run()));
    if (!isTaking) each.abort("stopping");
  };

  const tryToAccept = (claim: Claim): void => {
    try {
      acceptOne(claim);
    } catch (error) {
      log.error({ runId: claim.runId, err: error }, "a claimed run could not be driven; its lease will run out");
    }
  };

  const close = async (): Promise<void> => {
    isTaking = false;
    const empty = new Promise<void>((resolve) => (onEmpty = resolve));
    if (driven.size === 0) onEmpty();
    for (const each of [...held()]) each.drive.release();
    await within(empty, graceMs, hurry.signal);
    for (const each of [...held()]) each.abort("stopping");
    await within(empty, RELEASE_MS);
    for (const each of [...held()]) lose(each, "it was not released in time");
    parked.clear();
    await stopAll([renewal, watch, forgetting]);
  };

  const service = createService("executor", async () => {
    hurry = new AbortController();
    await startAll([renewal, watch, forgetting]);
    isTaking = true;
    return close;
  });

  return {
    start: service.start,
    stop: () => {
      isTaking = false;
      return service.stop();
    },
    free: () => (isTaking ? Math.max(0, concurrency - driven.size) : 0),
    takesSuspect: () => [...held()].every((each) => !each.isSuspect || now() - each.acceptedAt >= suspectMs),
    accept: (claims) => {
      for (const claim of claims) tryToAccept(claim);
      if (claims.length > 0) watch.wake();
    },
    poke: (runId, seq) => {
      const each = driven.get(runId);
      if (each && seq > each.seq) each.drive.poke();
    },
    pokeAll: () => {
      for (const each of [...held()]) each.drive.poke();
    },
    committed: ({ runId, seq, isProgress }) => {
      const each = driven.get(runId);
      if (!each) return;
      each.seq = Math.max(each.seq, seq);
      if (!each.isSuspect || !isProgress) return;
      each.isSuspect = false;
      onFree();
    },
    driven: () => [...driven.keys()],
    hurry: () => hurry.abort(),
    stats: () => ({ running: driven.size, parked: parked.size, ...counts, results: { ...counts.results } }),
  };
}
