import type { RunStatus, StuckReason, Wait } from "@tape/core";
import { appendToRun } from "../journal/append.ts";
import { insertRuns, type StartRun } from "../run/start-many.ts";
import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";

export interface RunShape extends Partial<StartRun> {
  status?: RunStatus;
  /** WAITING: on what. Default: a signal named `go`. */
  waits?: Wait[];
  /** RUNNING (default `wrk_test`), a CANCELLED run that its driver has not left, or a COMPENSATING one that is walked. */
  owner?: string | undefined;
  /** False: COMPENSATING was asked for before its driver has left. */
  settled?: boolean;
  /** How long the lease still lasts; below 0 it has expired (ms). Default 60,000. */
  leaseMs?: number;
  /** STUCK: default by poison. */
  stuck?: StuckReason;
  /** COMPENSATING, COMPENSATED, or STUCK in a compensation. */
  endedAs?: "COMPLETED" | "FAILED" | "CANCELLED";
  output?: unknown;
}

export interface MadeRun {
  id: string;
  app: string;
  agent: string;
}

const POISON: StuckReason = { code: "poison", message: "its driver was lost 5 times in a row", redrives: 5 };

/** A run in any status, with a journal that begins as a real one does. */
export async function makeRun(store: Store, shape: RunShape = {}): Promise<MadeRun> {
  const { status = "RUNNABLE", app = "test", agent = "pay", startedBy = "user:sam@example.com", ...rest } = shape;
  const [outcome] = await insertRuns(store.pool, [{ ...rest, app, agent, startedBy }]);
  if (!outcome || "refused" in outcome) throw outcome?.refused ?? new Error("no outcome");
  const id = outcome.runId;
  if (status !== "RUNNABLE") await bringTo(store, id, status, shape);
  return { id, app, agent };
}

async function bringTo(store: Store, id: string, status: RunStatus, shape: RunShape): Promise<void> {
  const ended = shape.endedAs ?? status;
  await inTransaction(store, async (tx) => {
    const last = ended === "FAILED" ? { verb: "failed" as const, payload: { error: { name: "Error", message: "broken" } } } : { verb: "completed" as const, payload: { output: shape.output ?? null } };
    const seq = ended === "COMPLETED" || ended === "FAILED" ? (await appendToRun(tx, { runId: id, happenings: [{ kind: "run", ...last }] })).seq : null;
    const isEnded = seq !== null || ended === "CANCELLED";
    const isHeld = status === "RUNNING" || ((status === "CANCELLED" || status === "COMPENSATING") && shape.owner !== undefined);
    const isSettled = isEnded && (status === "COMPENSATING" ? (shape.settled ?? true) : !isHeld);
    await tx.query(
      `UPDATE tape.runs SET status = $2, ended_as = $3, outcome_seq = $4, waits = $5, stuck = $6, owner = $7, epoch = CASE WHEN $2 = 'RUNNABLE' THEN 0 ELSE 1 END,
         lease_expires_at = CASE WHEN $7::text IS NOT NULL THEN tape.now() + $8 * interval '1 ms' END, started_at = tape.now(),
         ended_at = CASE WHEN $9 THEN tape.now() END, settled_at = CASE WHEN $11 THEN tape.now() END,
         cancel_reason = CASE WHEN $10 THEN 'wrong file' END, cancelled_by = CASE WHEN $10 THEN 'user:olga@example.com' END,
         cancelled_at = CASE WHEN $10 THEN tape.now() END
       WHERE id = $1`,
      [
        id,
        status,
        shape.endedAs ?? null,
        seq,
        status === "WAITING" ? JSON.stringify(shape.waits ?? [{ on: "signal", key: "/d0/go/1", name: "go" }]) : null,
        status === "STUCK" ? JSON.stringify(shape.stuck ?? POISON) : null,
        isHeld ? (shape.owner ?? "wrk_test") : null,
        shape.leaseMs ?? 60_000,
        isEnded,
        ended === "CANCELLED",
        isSettled,
      ],
    );
  });
}

/** Parks a run that was made: on gates, effects or timers that were made after it. */
export async function parkOn(store: Store, runId: string, waits: Wait[]): Promise<void> {
  await store.pool.query("UPDATE tape.runs SET status = 'WAITING', waits = $2, owner = NULL, lease_expires_at = NULL WHERE id = $1", [runId, JSON.stringify(waits)]);
}
