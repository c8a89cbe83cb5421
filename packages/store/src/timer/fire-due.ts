import type { Wait } from "@tape/core";
import { timeOutGates } from "../gate/time-out.ts";
import { hasEnded, lockFreeRuns, type LockedRun } from "../run/lock.ts";
import { timeOutAwaits } from "../signal/time-out.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { SELF_FIRING_KINDS, type SelfFiringKind } from "./kinds.ts";
import { settleTimers, told, voided, type Settlement } from "./settle.ts";

interface DueTimer {
  runId: string;
  id: string;
  kind: SelfFiringKind;
  ref: string | null;
}

/**
 * Fires due timers that have no handler, the longest due first, at most `limit`, all in one transaction: sleeps end,
 * gates and awaits time out, and the runs that waited go on. A timer of an ended run, or a deadline of what has its
 * outcome, is cancelled instead. Any number of workers may call it at once: it never waits for a lock, what somebody
 * else holds is left for the next pass.
 *
 * @returns How many it settled, and whether more may be due right now.
 */
export async function fireDueTimers(store: Store, { limit = 200 }: { limit?: number } = {}): Promise<{ fired: number; more: boolean }> {
  return await inTransaction(store, async (tx) => {
    const claimed = await claim(tx, limit);
    if (claimed.length === 0) return { fired: 0, more: false };
    const runs = await lockFreeRuns(tx, [...new Set(claimed.map(({ runId }) => runId))]);
    const due = claimed.filter(({ runId }) => runs.has(runId));
    await settleTimers(tx, await fire(tx, due, runs), runs);
    return { fired: due.length, more: due.length > 0 && claimed.length === limit };
  });
}

/** The lock is the claim: whoever fires commits the timer with what it brought, or neither. */
async function claim(tx: Tx, limit: number): Promise<DueTimer[]> {
  const { rows } = await tx.query<DueTimer>({
    name: "lock_due_timers",
    text: `SELECT run_id AS "runId", id, kind, ref FROM tape.timers
           WHERE status = 'ARMED' AND fire_at <= tape.now() AND kind = ANY ($1) ORDER BY fire_at, run_id, id LIMIT $2 FOR UPDATE SKIP LOCKED`,
    values: [SELF_FIRING_KINDS, limit],
  });
  return rows;
}

async function fire(tx: Tx, due: DueTimer[], runs: Map<string, LockedRun>): Promise<Settlement[]> {
  const live = due.filter(({ runId }) => !hasEnded(runs.get(runId)!));
  const gates = await timeOutGates(tx, live.flatMap(({ runId, kind, ref }) => (kind === "gate_timeout" && ref ? [{ runId, gateId: ref }] : [])));
  const awaits = await timeOutAwaits(tx, live.flatMap(({ runId, kind, ref }) => (kind === "signal_timeout" && ref ? [{ runId, key: ref }] : [])));
  return due.map((timer): Settlement => {
    if (hasEnded(runs.get(timer.runId)!)) return voided(timer);
    if (timer.kind === "wake") return { timer, to: "FIRED", happenings: [told(timer, "fired")], ends: endedBy(timer) };
    const outcome = (timer.kind === "gate_timeout" ? gates : awaits).get(timer.ref ?? "");
    // A deadline of what has its outcome already is void.
    if (!outcome) return voided(timer);
    return { timer, to: "FIRED", happenings: [outcome, told(timer, "fired")], ends: endedBy(timer) };
  });
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
