import type * as store from "@tape/store";
import { serializeBody } from "@tape/store";
import { append } from "../append.ts";
import { appendAudit } from "../audit.ts";
import { iso } from "../iso.ts";
import type { GateRow, Model, RunRow } from "../model.ts";
import { wakeIf } from "../run/lock.ts";
import { assertText } from "../text.ts";
import { cancelDeadline } from "../timer/cancel-deadline.ts";
import type { VerbOf } from "../verb.ts";
import { readForm } from "./form.ts";
import { lockGate } from "./lock.ts";
import { refuseDecision } from "./refuse.ts";
import { openedOf, toGate, votesOf, type Vote } from "./row.ts";

/** A rejection decides; an approval decides when it is the last that the quorum needs, and is kept as a vote before that. */
export const decideGate: VerbOf<typeof store.decideGate> = (model, { id, actor, outcome, values, comment, fingerprint }) => {
  if (comment) assertText(comment, "comment", { max: 4000 });
  const { run, gate } = lockGate(model, id);
  refuseDecision(run, gate, { outcome, fingerprint, actor, starters: startersOf(model, run) });
  const filled = outcome === "approved" ? readForm(openedOf(model, gate).form, values) : null;
  const decides = outcome === "rejected" || votesOf(gate).length + 1 >= gate.quorum;
  if (decides) serializeBody(filled, "values");

  const vote: Vote = { by: actor.id, outcome, at: iso(model.now), comment: comment || null };
  gate.votes = [...gate.votes, vote];
  if (decides) decide(model, run, gate, vote, filled);
  else keepVote(model, gate, vote);
  const details = { name: gate.name, fingerprint: gate.fingerprint, comment: vote.comment, values: filled, decides };
  appendAudit(model, { actor: actor.id, action: outcome === "approved" ? "gate.approve" : "gate.reject", target: id, runId: run.id, details });
  return toGate(model, gate);
};

/** The gate has its outcome, its deadline is void, and the run that waits for it goes on. */
function decide(model: Model, run: RunRow, gate: GateRow, { by, outcome, at, comment }: Vote, filled: Record<string, unknown> | null): void {
  gate.status = "DECIDED";
  gate.outcome = outcome;
  gate.values = filled && serializeBody(filled, "values");
  gate.decidedBy = by;
  gate.decidedAt = model.now;
  gate.comment = comment;
  const decision = { gateId: gate.id, name: gate.name, outcome, values: filled, comment, decidedBy: by, decidedAt: at };
  append(model, {
    runId: run.id,
    happenings: [{ kind: "gate", verb: "decided", payload: { ...decision, fingerprint: gate.fingerprint } }, ...cancelDeadline(model, run.id, gate.id)],
    inbox: 1,
    gates: true,
    ...wakeIf(run, (wait) => wait.on === "gate" && wait.gateId === gate.id),
  });
}

/** One of several that are needed: nothing arrives at the run yet. */
function keepVote(model: Model, { id: gateId, runId, name }: GateRow, { by, outcome, comment }: Vote): void {
  append(model, { runId, happenings: [{ kind: "gate", verb: "voted", payload: { gateId, name, outcome, by, comment } }], gates: true });
}

/** Who the work goes back to: a run that a run started is its starter's. */
function startersOf(model: Model, run: RunRow): string[] {
  const line = [run];
  for (let parent = parentOf(model, run); parent && !line.includes(parent); parent = parentOf(model, parent)) line.push(parent);
  return line.map(({ startedBy }) => startedBy);
}

function parentOf(model: Model, { parentRunId }: RunRow): RunRow | undefined {
  return parentRunId === null ? undefined : model.runs.get(parentRunId);
}
