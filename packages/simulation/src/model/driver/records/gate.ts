import type { Happening } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import { keyOf, type GateRow, type Model, type RunRow } from "../../model.ts";
import { dueAt } from "./due.ts";
import { plainRow } from "./plain.ts";

type GateHappening = Extract<Happening, { kind: "gate" }>;

/** What a gate's record, which the run's last entry is, changes in its row. */
export function sayGate(model: Model, run: RunRow, record: DriverRecord, happening: GateHappening): void {
  if (happening.verb === "opened") open(model, run, record, happening.payload);
  if (happening.verb === "cancelled") close(model, model.gates.get(keyOf(run.id, happening.payload.gateId)));
}

function open(model: Model, run: RunRow, record: DriverRecord, opened: Extract<GateHappening, { verb: "opened" }>["payload"]): void {
  const { gateId: id, key, name, occurrence, fingerprint, risk, assignees, quorum } = opened;
  const gate: GateRow = {
    ...{ id, runId: run.id, agent: run.agent, key, name, occurrence, fingerprint, risk, assignees, quorum },
    status: "OPEN",
    openedSeq: run.seq,
    allowSelf: record.allowSelf ?? true,
    openedAt: model.now,
    deadlineAt: dueAt(model, record),
    votes: [],
    outcome: null,
    values: null,
    decidedBy: null,
    decidedAt: null,
    comment: null,
  };
  model.gates.set(keyOf(run.id, id), plainRow(gate));
}

/** One that was decided before it could be closed keeps its decision, and gives its key to the gate that is asked instead (D30). */
function close(model: Model, gate: GateRow | undefined): void {
  if (!gate) return;
  if (gate.status === "OPEN") {
    gate.status = "CANCELLED";
    gate.outcome = "cancelled";
    gate.decidedAt = model.now;
  } else if (gate.status !== "CANCELLED") {
    gate.key = `${gate.key}/${gate.id}`;
  }
}
