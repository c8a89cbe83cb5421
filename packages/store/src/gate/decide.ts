import { gateMachine, statesLeftBy, type Gate, type GateDecisionRequest } from "@tape/core";
import type { Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import { appendToRun } from "../journal/append.ts";
import { wakeIf, type LockedRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { assertText } from "../text.ts";
import { cancelDeadline } from "../timer/cancel-deadline.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { serializeBody } from "../body.ts";
import { readForm } from "./form.ts";
import { getGate } from "./get.ts";
import { lockGate } from "./lock.ts";
import { refuseDecision } from "./refuse.ts";
import { openedOf, type GateRow, type Vote } from "./row.ts";

export interface DecideGate extends GateDecisionRequest {
  id: string;
  actor: Actor;
}

/**
 * One person's word on a gate. A rejection decides; an approval decides when it is the last one that the quorum needs,
 * and is kept as a vote before that. The first decision wins, and what waits for it goes on.
 *
 * @throws {TapeError} in this order: `not_found`; `already_decided` (by whom, when); `illegal_transition` when the run
 *   has ended; `forbidden`; `fingerprint_mismatch` when other words were shown; `invalid_input` for the form's values.
 */
export async function decideGate(store: Store, input: DecideGate): Promise<Gate> {
  if (input.comment) assertText(input.comment, "comment", { max: 4000 });
  await inTransaction(store, async (tx) => {
    const { run, gate } = await lockGate(tx, input.id);
    const starters = gate.allowSelf ? [] : await startersOf(tx, run);
    const refused = refuseDecision(run, gate, { ...input, starters });
    if (refused) throw refused;
    const values = input.outcome === "approved" ? readForm(openedOf(gate).form ?? null, input.values) : null;

    const { rows } = await tx.query<{ now: Date }>("SELECT tape.now() AS now");
    const vote: Vote = { by: input.actor.id, outcome: input.outcome, at: rows[0]!.now.toISOString(), comment: input.comment || null };
    const votes = [...gate.votes, vote];
    const isDecided = vote.outcome === "rejected" || votes.length >= gate.quorum;
    await (isDecided ? decide(tx, run, gate, votes, values) : keepVote(tx, run, gate, votes));
    await appendAudit(tx, {
      actor: input.actor.id,
      action: input.outcome === "approved" ? "gate.approve" : "gate.reject",
      target: gate.id,
      runId: run.id,
      details: { name: gate.name, fingerprint: gate.fingerprint, comment: vote.comment, values, decides: isDecided },
      source: input.actor.source,
    });
  });
  return await getGate(store, { id: input.id });
}

async function decide(tx: Tx, run: LockedRun, gate: GateRow, votes: Vote[], values: Record<string, unknown> | null): Promise<void> {
  const { by, outcome, at, comment } = votes.at(-1)!;
  await tx.query(
    `UPDATE tape.gates SET status = 'DECIDED', outcome = $3, votes = $4, "values" = $5, decided_by = $6, decided_at = $7, comment = $8
     WHERE run_id = $1 AND id = $2 AND status = ANY ($9)`,
    [run.id, gate.id, outcome, JSON.stringify(votes), values && serializeBody(values, "values"), by, at, comment, statesLeftBy(gateMachine, "decide")],
  );
  const payload = { gateId: gate.id, name: gate.name, outcome, values, comment, decidedBy: by, decidedAt: at, fingerprint: gate.fingerprint };
  await appendToRun(tx, {
    runId: run.id,
    happenings: [{ kind: "gate", verb: "decided", payload }, ...(await cancelDeadline(tx, run.id, gate.id))],
    inbox: 1,
    gates: true,
    ...wakeIf(run, (wait) => wait.on === "gate" && wait.gateId === gate.id),
  });
}

async function keepVote(tx: Tx, run: LockedRun, gate: GateRow, votes: Vote[]): Promise<void> {
  const { by, outcome, comment } = votes.at(-1)!;
  await tx.query("UPDATE tape.gates SET votes = $3 WHERE run_id = $1 AND id = $2 AND status = 'OPEN'", [run.id, gate.id, JSON.stringify(votes)]);
  await appendToRun(tx, {
    runId: run.id,
    happenings: [{ kind: "gate", verb: "voted", payload: { gateId: gate.id, name: gate.name, outcome, by, comment } }],
    gates: true,
  });
}

/** Who the work goes back to: a run that a run started is its starter's. */
async function startersOf(tx: Tx, run: LockedRun): Promise<string[]> {
  if (run.parentRunId === null) return [run.startedBy];
  const { rows } = await tx.query<{ startedBy: string }>(
    `WITH RECURSIVE line AS (
       SELECT id, parent_run_id, started_by FROM tape.runs WHERE id = $1
       UNION SELECT r.id, r.parent_run_id, r.started_by FROM tape.runs r JOIN line ON r.id = line.parent_run_id
     ) SELECT started_by AS "startedBy" FROM line`,
    [run.id],
  );
  return rows.map(({ startedBy }) => startedBy);
}
