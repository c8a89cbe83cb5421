import type { EntryOf, Gate } from "@tape/core";
import { iso } from "../iso.ts";
import type { GateRow, Model } from "../model.ts";

/** One person's word on a gate. */
export interface Vote {
  by: string;
  outcome: "approved" | "rejected";
  at: string;
  comment: string | null;
}

export function votesOf(gate: GateRow): Vote[] {
  return gate.votes as Vote[];
}

/** What the approver is shown. */
export function openedOf(model: Model, gate: GateRow): EntryOf<"gate", "opened">["payload"] {
  return model.journals.get(gate.runId)![gate.openedSeq - 1]!.payload as EntryOf<"gate", "opened">["payload"];
}

export function toGate(model: Model, row: GateRow): Gate {
  const { payload, form, display } = openedOf(model, row);
  const { id, runId, agent, name, occurrence, status, risk, assignees, quorum, fingerprint, outcome, decidedBy, comment } = row;
  return {
    ...{ id, runId, agent, name, occurrence, status, payload, form, display, risk, assignees: [...assignees], quorum, fingerprint, outcome, decidedBy, comment },
    openedAt: iso(row.openedAt),
    deadlineAt: iso(row.deadlineAt),
    decidedAt: iso(row.decidedAt),
    decisions: [...votesOf(row)],
  };
}
