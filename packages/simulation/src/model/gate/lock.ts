import { TapeError } from "@tape/core";
import type { GateRow, Model, RunRow } from "../model.ts";
import { lockRun } from "../run/lock.ts";

/** @throws {TapeError} `not_found`, also for what is no id of a gate. */
export function lockGate(model: Model, gateId: string): { run: RunRow; gate: GateRow } {
  const gate = [...model.gates.values()].find(({ id }) => id === gateId);
  if (!gate) throw new TapeError("not_found", `There is no gate ${gateId}.`);
  return { run: lockRun(model, gate.runId), gate };
}
