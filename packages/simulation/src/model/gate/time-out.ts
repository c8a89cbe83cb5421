import type { Happening } from "@tape/core";
import { iso } from "../iso.ts";
import { keyOf, type Model } from "../model.ts";

/** Closes a gate whose deadline has come, if it is still open: its entry. None for one that was decided first. */
export function timeOutGate(model: Model, { runId, gateId }: { runId: string; gateId: string }): Happening | null {
  const gate = model.gates.get(keyOf(runId, gateId));
  if (gate?.status !== "OPEN") return null;
  gate.status = "TIMED_OUT";
  gate.outcome = "timed_out";
  gate.decidedAt = model.now;
  return { kind: "gate", verb: "timed_out", payload: { gateId, name: gate.name, decidedAt: iso(model.now) } };
}
