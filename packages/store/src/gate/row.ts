import type { EntryOf, Gate, GateOutcome, GateStatus, Risk } from "@tape/core";
import { parseBody } from "../body.ts";
import { instantKey } from "../cursor.ts";
import { iso } from "../run/row.ts";

/** A gate as every reading verb selects it, with the body of its `gate.opened`. */
export const GATE_SELECT = `
  SELECT g.id, g.run_id AS "runId", g.agent, g.name, g.occurrence, g.status, g.fingerprint, g.risk, g.assignees, g.quorum,
    g.allow_self AS "allowSelf", g.opened_at AS "openedAt", g.deadline_at AS "deadlineAt", g.votes, g.outcome, g.decided_by AS "decidedBy",
    g.decided_at AS "decidedAt", g.comment, b.body,
    ${instantKey("CASE WHEN g.status = 'OPEN' THEN g.opened_at ELSE g.decided_at END")} AS "sortAt"
  FROM tape.gates g LEFT JOIN tape.bodies b ON b.run_id = g.run_id AND b.seq = g.opened_seq`;

export interface Vote {
  by: string;
  outcome: "approved" | "rejected";
  at: string;
  comment: string | null;
}

export interface GateRow {
  id: string;
  runId: string;
  agent: string;
  name: string;
  occurrence: number;
  status: GateStatus;
  fingerprint: string;
  risk: Risk | null;
  assignees: string[];
  quorum: number;
  allowSelf: boolean;
  openedAt: Date;
  deadlineAt: Date | null;
  votes: Vote[];
  outcome: GateOutcome | null;
  decidedBy: string | null;
  decidedAt: Date | null;
  comment: string | null;
  body: string | null;
  sortAt: string;
}

type Opened = EntryOf<"gate", "opened">["payload"];

/** What the approver is shown. Empty when retention has dropped it. */
export function openedOf(row: GateRow): Partial<Opened> {
  return (parseBody(row.body) as Opened | null) ?? {};
}

export function toGate(row: GateRow): Gate {
  const { payload = null, form = null, display = null } = openedOf(row);
  return {
    id: row.id,
    runId: row.runId,
    agent: row.agent,
    name: row.name,
    occurrence: row.occurrence,
    status: row.status,
    payload,
    form,
    display,
    risk: row.risk,
    assignees: row.assignees,
    quorum: row.quorum,
    fingerprint: row.fingerprint,
    openedAt: row.openedAt.toISOString(),
    deadlineAt: iso(row.deadlineAt),
    outcome: row.outcome,
    decidedBy: row.decidedBy,
    decidedAt: iso(row.decidedAt),
    comment: row.comment,
    decisions: row.votes,
  };
}
