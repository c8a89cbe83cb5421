import { statesLeftBy, timerMachine, type Happening, type Wait } from "@tape/core";
import { timeOutGates } from "../gate/time-out.ts";
import { groupBy } from "../group-by.ts";
import { appendEntries } from "../journal/append.ts";
import { hasEnded, lockFreeRuns, wakeIf, type LockedRun } from "../run/lock.ts";
import { timeOutAwaits } from "../signal/time-out.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";

/** The kinds that fire here. `redrive`, `reconcile` and those of `onTimer` have a handler to run first. */
export const SELF_FIRING_KINDS = ["wake", "gate_timeout", "signal_timeout"] as const;

interface DueTimer {
  runId: string;
  id: string;
  kind: (typeof SELF_FIRING_KINDS)[number];
  ref: string | null;
}

/** What firing one timer adds to its run. */
interface Firing {
  timer: DueTimer;
  to: "FIRED" | "CANCELLED";
  happenings: Happening[];
  /** What arrives with it, if something does: a wait that ends. */
  ends: ((wait: Wait) => boolean) | null;
}

/**
 * Fires due timers, the longest due first, at most `limit`, all in one transaction: sleeps end, gates and awaits time
 * out, and the runs that waited go on. A timer of an ended run, or a deadline of what has its outcome, is cancelled instead.
 * Any number of workers may call it at once: it never waits for a lock, what somebody else holds is left for the next pass.
 *
 * @returns How many it settled, and whether more may be due right now.
 */
export async function fireDueTimers(store: Store, { limit = 200 }: { limit?: number } = {}): Promise<{ fired: number; more: boolean }> {
  return await inTransaction(store, async (tx) => {
    const claimed = await claim(tx, limit);
    if (claimed.length === 0) return { fired: 0, more: false };
    const runs = await lockFreeRuns(tx, [...new Set(claimed.map(({ runId }) => runId))]);
    const due = claimed.filter(({ runId }) => runs.has(runId));
    const firings = await fire(tx, due, runs);
    await settle(tx, firings);
    await append(tx, firings, runs);
    return { fired: due.length, more: due.length > 0 && claimed.length === limit };
  });
}

/** The lock is the claim: whoever fires commits the timer with what it brought, or neither. */
async function claim(tx: Tx, limit: number): Promise<DueTimer[]> {
  const { rows } = await tx.query<DueTimer>({
    name: "claim_due_timers",
    text: `SELECT run_id AS "runId", id, kind, ref FROM tape.timers
           WHERE status = 'ARMED' AND fire_at <= tape.now() AND kind = ANY ($1) ORDER BY fire_at, run_id, id LIMIT $2 FOR UPDATE SKIP LOCKED`,
    values: [SELF_FIRING_KINDS, limit],
  });
  return rows;
}

async function fire(tx: Tx, due: DueTimer[], runs: Map<string, LockedRun>): Promise<Firing[]> {
  const live = due.filter(({ runId }) => !hasEnded(runs.get(runId)!));
  const gates = await timeOutGates(tx, live.flatMap(({ runId, kind, ref }) => (kind === "gate_timeout" && ref ? [{ runId, gateId: ref }] : [])));
  const awaits = await timeOutAwaits(tx, live.flatMap(({ runId, kind, ref }) => (kind === "signal_timeout" && ref ? [{ runId, key: ref }] : [])));
  return due.map((timer): Firing => {
    if (hasEnded(runs.get(timer.runId)!)) return { timer, to: "CANCELLED", happenings: [told(timer, "cancelled")], ends: null };
    if (timer.kind === "wake") return { timer, to: "FIRED", happenings: [told(timer, "fired")], ends: endedBy(timer) };
    const outcome = (timer.kind === "gate_timeout" ? gates : awaits).get(timer.ref ?? "");
    // A deadline of what has its outcome already is void.
    if (!outcome) return { timer, to: "CANCELLED", happenings: [told(timer, "cancelled")], ends: null };
    return { timer, to: "FIRED", happenings: [outcome, told(timer, "fired")], ends: endedBy(timer) };
  });
}

function told({ id, kind }: DueTimer, verb: "fired" | "cancelled"): Happening {
  return { kind: "timer", verb, payload: { timerId: id, kind } };
}

function endedBy({ id, kind, ref }: DueTimer): (wait: Wait) => boolean {
  switch (kind) {
    case "wake":
      return (wait) => wait.on === "sleep" && wait.timerId === id;
    case "gate_timeout":
      return (wait) => wait.on === "gate" && wait.gateId === ref;
    case "signal_timeout":
      return (wait) => wait.on === "signal" && wait.key === ref;
  }
}

async function settle(tx: Tx, firings: Firing[]): Promise<void> {
  await tx.query(
    `UPDATE tape.timers t SET status = f."to", attempts = t.attempts + 1
     FROM unnest($1::text[], $2::text[], $3::text[]) AS f (run_id, id, "to")
     WHERE t.run_id = f.run_id AND t.id = f.id AND t.status = ANY ($4)`,
    [firings.map(({ timer }) => timer.runId), firings.map(({ timer }) => timer.id), firings.map(({ to }) => to), statesLeftBy(timerMachine, "fire")],
  );
}

async function append(tx: Tx, firings: Firing[], runs: Map<string, LockedRun>): Promise<void> {
  const byRun = [...groupBy(firings, ({ timer }) => timer.runId)];
  await appendEntries(
    tx,
    byRun.map(([runId, own]) => {
      const arrivals = own.flatMap(({ ends }) => (ends ? [ends] : []));
      return {
        runId,
        happenings: own.flatMap(({ happenings }) => happenings),
        inbox: arrivals.length,
        gates: own.some(({ happenings }) => happenings.some(({ kind }) => kind === "gate")),
        ...wakeIf(runs.get(runId)!, (wait) => arrivals.some((ends) => ends(wait))),
      };
    }),
  );
}
