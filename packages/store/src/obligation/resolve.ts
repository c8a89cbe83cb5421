import { allows, obligationMachine, statesLeftBy, TapeError, type Happening, type Obligation, type ObligationStatus } from "@tape/core";
import { requireRole, type Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import { appendToRun } from "../journal/append.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { assertText } from "../text.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { isOwnerDead } from "../worker/is-owner-dead.ts";
import { getObligation } from "./get.ts";
import { lockObligation, type LockedObligation } from "./lock.ts";

export interface ResolveObligation {
  id: string;
  /** A person took it back by other means; it is tried again; it stays as it is. */
  outcome: "done" | "retry" | "waived";
  reason: string;
  actor: Actor;
}

const EVENTS = { done: "done", retry: "retry", waived: "waive" } as const;
const LEADS_TO = { done: "COMPENSATED", retry: "PENDING", waived: "WAIVED" } as const satisfies Record<string, ObligationStatus>;

/**
 * A person's word on an obligation that is STUCK, or a waiver of one that is PENDING and that nobody works at. Tried
 * again, it has five attempts more, under the same key. When the last one that was STUCK is resolved, the walk goes on.
 *
 * @throws {TapeError} `forbidden`; `not_found`; `illegal_transition` with the status and what to do.
 */
export async function resolveObligation(store: Store, { id, outcome, reason, actor }: ResolveObligation): Promise<Obligation> {
  requireRole(actor, "operator", "resolve an obligation");
  assertText(reason, "reason", { max: 2000 });
  await inTransaction(store, async (tx) => {
    const { run, obligation } = await lockObligation(tx, id);
    const refused = await refuse(tx, run, obligation, outcome);
    if (refused !== null) throw new TapeError("illegal_transition", refused, { status: obligation.status, runStatus: run.status });
    await tx.query(
      `UPDATE tape.obligations SET status = $3, last_error = CASE WHEN $3 <> 'PENDING' THEN last_error END, next_attempt_at = CASE WHEN $3 = 'PENDING' THEN tape.now() END, settled_at = CASE WHEN $3 <> 'PENDING' THEN tape.now() END,
         claim = NULL, claim_expires_at = NULL
       WHERE run_id = $1 AND id = $2 AND status = ANY ($4)`,
      [run.id, id, LEADS_TO[outcome], statesLeftBy(obligationMachine, EVENTS[outcome])],
    );
    await appendToRun(tx, {
      runId: run.id,
      happenings: [entryOf(obligation, outcome, { by: actor.id, reason })],
      armed: (LEADS_TO[outcome] === "PENDING" ? 1 : 0) - (obligation.status === "PENDING" ? 1 : 0),
      ...((await walksOn(tx, run)) && { event: "resume_walk" as const }),
    });
    tx.hint({ on: "reactors" });
    await appendAudit(tx, {
      actor: actor.id,
      action: "obligation.resolve",
      target: id,
      runId: run.id,
      details: { outcome, reason, compensator: obligation.kind, from: obligation.status },
      source: actor.source,
    });
  });
  return await getObligation(store, { id });
}

async function refuse(tx: Tx, run: LockedRun, obligation: LockedObligation, outcome: ResolveObligation["outcome"]): Promise<string | null> {
  const { id, status, settledAt, kind, claim } = obligation;
  switch (status) {
    case "REGISTERED":
      return `The obligation ${id} is dormant: nothing is undone unless its run is compensated, and the walk has not reached it.`;
    case "COMPENSATED":
    case "WAIVED":
      return `The obligation ${id} is ${status} since ${settledAt?.toISOString()}: that stands.`;
    case "STUCK":
      return null;
    case "PENDING":
      if (!allows(obligationMachine, status, EVENTS[outcome])) return `The obligation ${id} is PENDING: ${kind} is tried by itself, five times. Waive it if it shall stay as it is.`;
      if (isUndoneBesideWalk(run, obligation)) {
        return obligation.isClaimed && !(await isOwnerDead(tx, { owner: ownerOf(obligation) })) ? `The obligation ${id} is being undone at this moment: wait for the outcome.` : null;
      }
      // Between two attempts nobody is at it, whoever holds the walk.
      if (run.isDriven && claim !== null && !(await isOwnerDead(tx, run))) return `The obligation ${id} is being undone by ${run.owner} at this moment: wait for the outcome.`;
      return null;
  }
}

/** An extra copy, or what came to light after the walk: `claimDuplicates` gives it to whoever undoes it. */
function isUndoneBesideWalk(run: LockedRun, { reason }: LockedObligation): boolean {
  return reason === "duplicate" || run.status === "COMPENSATED";
}

/** A claim is its owner's name and an id. */
function ownerOf({ claim }: LockedObligation): string | null {
  return claim === null ? null : claim.slice(0, claim.indexOf("/"));
}

function entryOf({ id, effectId }: LockedObligation, outcome: ResolveObligation["outcome"], said: { by: string; reason: string }): Happening {
  const payload = { obligationId: id, effectId, ...said };
  switch (outcome) {
    case "done":
      return { kind: "obligation", verb: "compensated", payload };
    case "retry":
      return { kind: "obligation", verb: "retried", payload };
    case "waived":
      return { kind: "obligation", verb: "waived", payload };
  }
}

/** Was this the last one that its compensation was STUCK by? Asked after the change. */
async function walksOn(tx: Tx, run: LockedRun): Promise<boolean> {
  if (run.status !== "STUCK" || run.endedAs === null) return false;
  const { rows } = await tx.query("SELECT FROM tape.obligations WHERE run_id = $1 AND status = 'STUCK' AND reason <> 'duplicate' LIMIT 1", [run.id]);
  return rows.length === 0;
}
