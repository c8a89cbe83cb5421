import type { Happening } from "@tape/core";
import { ofRun, type Model } from "../model.ts";
import { told } from "./settle.ts";

/** Disarms the deadline of a gate that got its outcome: its entries go with the outcome's own. */
export function cancelDeadline(model: Model, runId: string, ref: string): Happening[] {
  const deadlines = ofRun(model.timers, runId).filter((timer) => timer.ref === ref && timer.status === "ARMED" && (timer.kind === "gate_timeout" || timer.kind === "signal_timeout"));
  for (const timer of deadlines) timer.status = "CANCELLED";
  return deadlines.map((timer) => told(timer, "cancelled"));
}
