import type * as store from "@tape/store";
import { append } from "../append.ts";
import type { VerbOf } from "../verb.ts";

/** The code of a parked run went on by itself: the run is RUNNABLE again. False when somebody else has already moved it. */
export const unparkRun: VerbOf<typeof store.unparkRun> = (model, { runId, epoch, owner }) => {
  const run = model.runs.get(runId);
  if (run?.status !== "WAITING" || run.epoch !== epoch) return false;
  append(model, { runId, happenings: [{ kind: "run", verb: "redriven", payload: { by: `worker:${owner}`, reason: "its code went on while it was parked" } }], event: "wake" });
  return true;
};
