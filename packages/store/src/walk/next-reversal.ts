import { obligationMachine, statesLeftBy, type Json } from "@tape/core";
import { parseBody } from "../body.ts";
import { appendToRun } from "../journal/append.ts";
import { LOST_ATTEMPT, MOST_ATTEMPTS, stopReversal } from "../obligation/attempted.ts";
import { LOCKED_OBLIGATION, type LockedObligation } from "../obligation/lock.ts";
import { IS_OWED, PLACE, reversalKey, WALK_ORDER } from "../obligation/row.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { giveUp } from "./give-up.ts";
import { lockWalk, type LostWalk, type WalkOf } from "./lock.ts";
import { handBack } from "./release.ts";

/** What a compensator is called with. */
export interface Reversal {
  id: string;
  effectId: string;
  /** The compensator's name. */
  kind: string;
  connector: string | null;
  payload: { input: Json; result: Json; externalRef?: string; copy?: { ref: string } };
  /** From 1. */
  attempt: number;
  /** `<effect key>/undo/<n>`: the same on every attempt (D21). */
  key: string;
}

export type NextReversal =
  | { to: "undo"; obligation: Reversal }
  /** It failed before and is tried again in so many ms. */
  | { to: "wait"; inMs: number }
  /** The run is COMPENSATED. */
  | { to: "done" }
  /** The lease was given back: an outcome is not known, or somebody else has the compensator. */
  | { to: "left"; why: "unsettled" | "compensator_missing" }
  | LostWalk;

type Next = LockedObligation & { effectKey: string; connector: string | null; place: number };

/**
 * What the walker of a run does next: the newest obligation that is still owed, armed when the walk reaches it, so that
 * one registered meanwhile is included. When none is left, the run is COMPENSATED. May be repeated: it is the same
 * obligation until its outcome is recorded.
 *
 * @param compensators Those of the run's app that are loaded here.
 */
export async function nextReversal(store: Store, { compensators, ...walk }: WalkOf & { compensators: readonly string[] }): Promise<NextReversal> {
  return await inTransaction(store, async (tx): Promise<NextReversal> => {
    const { run, lost } = await lockWalk(tx, walk);
    // The answer that said so was lost.
    if (run.status === "COMPENSATED" && run.epoch === walk.epoch) return { to: "done" };
    if (lost) return lost;
    if (run.openEffects > 0) return await leaveUnsettled(tx, run);
    const next = await lockNext(tx, run.id);
    if (!next) return await end(tx, run);
    if (next.status === "STUCK") return await stopAt(tx, run, next);
    if (!compensators.includes(next.kind)) {
      await handBack(tx, run, "compensator_missing");
      return { to: "left", why: "compensator_missing" };
    }
    if (isLostTooOften(next)) return await loseForGood(tx, run, next);
    if (next.dueInMs > 0) return { to: "wait", inMs: next.dueInMs };
    if (next.status === "REGISTERED") await arm(tx, run, next);
    await begin(tx, walk, next);
    return { to: "undo", obligation: toReversal(next) };
  });
}

async function lockNext(tx: Tx, runId: string): Promise<Next | undefined> {
  const { rows } = await tx.query<Next>({
    name: "tape_next_reversal",
    text: `SELECT ${LOCKED_OBLIGATION}, o.effect_key AS "effectKey", o.connector,
             ${PLACE} AS place
           FROM tape.obligations o WHERE o.run_id = $1 AND ${IS_OWED} AND o.reason <> 'duplicate' ORDER BY ${WALK_ORDER} LIMIT 1 FOR UPDATE OF o`,
    values: [runId],
  });
  return rows[0];
}

/** Extra copies are undone beside the walk (D18), but the run is not COMPENSATED before they are. */
async function end(tx: Tx, run: LockedRun): Promise<NextReversal> {
  const { rows } = await tx.query<Pick<Next, "id" | "status" | "lastError">>(
    `SELECT o.id, o.status, o.last_error AS "lastError" FROM tape.obligations o WHERE o.run_id = $1 AND ${IS_OWED} ORDER BY o.status = 'STUCK', ${WALK_ORDER} LIMIT 1`,
    [run.id],
  );
  const [copy] = rows;
  if (!copy) return await finish(tx, run);
  return copy.status === "STUCK" ? await stopAt(tx, run, copy) : await leaveUnsettled(tx, run);
}

async function stopAt(tx: Tx, run: LockedRun, { id, lastError }: Pick<Next, "id" | "lastError">): Promise<NextReversal> {
  await giveUp(tx, run, { obligationId: id, message: lastError ?? "gave up before" });
  return { to: "lost", message: `run ${run.id} is STUCK by the obligation ${id}` };
}

/** Each attempt took its worker with it. */
function isLostTooOften({ status, attempts, lastError }: Next): boolean {
  return status === "PENDING" && attempts > 0 && attempts % MOST_ATTEMPTS === 0 && lastError === LOST_ATTEMPT;
}

async function loseForGood(tx: Tx, run: LockedRun, next: Next): Promise<NextReversal> {
  const { happening, message } = await stopReversal(tx, run, next, { attempt: next.attempts, error: { name: "WorkerLost", message: LOST_ATTEMPT } });
  await giveUp(tx, run, { obligationId: next.id, message, before: [happening], armed: -1 });
  return { to: "lost", message: `run ${run.id} is STUCK by the obligation ${next.id}` };
}

async function leaveUnsettled(tx: Tx, run: LockedRun): Promise<NextReversal> {
  await appendToRun(tx, { runId: run.id, happenings: [], lease: "given_back" });
  return { to: "left", why: "unsettled" };
}

async function finish(tx: Tx, run: LockedRun): Promise<NextReversal> {
  await appendToRun(tx, { runId: run.id, happenings: [{ kind: "run", verb: "compensated", payload: {} }], event: "compensated", lease: "given_back" });
  return { to: "done" };
}

/** From here on it may have been undone: should this walker be lost, that was an attempt. */
async function begin(tx: Tx, { owner, epoch }: WalkOf, { runId, id }: Next): Promise<void> {
  await tx.query("UPDATE tape.obligations SET claim = $3 WHERE run_id = $1 AND id = $2", [runId, id, `${owner}/${epoch}`]);
}

async function arm(tx: Tx, run: LockedRun, { id, effectId }: Next): Promise<void> {
  await tx.query("UPDATE tape.obligations SET status = 'PENDING' WHERE run_id = $1 AND id = $2 AND status = ANY ($3)", [run.id, id, statesLeftBy(obligationMachine, "arm")]);
  await appendToRun(tx, { runId: run.id, happenings: [{ kind: "obligation", verb: "armed", payload: { obligationId: id, effectId } }], armed: 1 });
}

/** An obligation as its compensator is called. */
export function toReversal({ id, effectId, kind, connector, payload, attempts, effectKey, place }: Omit<Next, "dueInMs">): Reversal {
  const { input = null, result = null, externalRef, copy } = (parseBody(payload) ?? {}) as Partial<Reversal["payload"]>;
  return { id, effectId, kind, connector, payload: { input, result, ...(externalRef !== undefined && { externalRef }), ...(copy && { copy }) }, attempt: attempts + 1, key: reversalKey({ effectKey, place }) };
}
