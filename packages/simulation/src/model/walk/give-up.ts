import type { Happening, StuckReason } from "@tape/core";
import { append } from "../append.ts";
import type { Model, RunRow } from "../model.ts";

/** Stops the walk: the run is STUCK until a person has resolved the obligation. */
export function giveUp(
  model: Model,
  run: RunRow,
  { obligationId, message, before = [], armed = 0 }: { obligationId: string; message: string; before?: Happening[]; armed?: number },
): void {
  const reason: StuckReason = { code: "compensation", message, obligationId };
  append(model, { runId: run.id, happenings: [...before, { kind: "run", verb: "stuck", payload: { reason } }], event: "give_up", stuck: reason, lease: "given_back", armed });
}
