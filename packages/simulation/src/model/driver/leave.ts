import type * as store from "@tape/store";
import { isLeftBy, lockRun } from "../run/lock.ts";
import { settleRuns } from "../run/settle.ts";
import type { VerbOf } from "../verb.ts";

/** A driver leaves a run that was cancelled: the run is settled, and what it has not said an outcome of is UNKNOWN. False when it is not its to leave. */
export const settleRun: VerbOf<typeof store.settleRun> = (model, lease) => {
  const run = lockRun(model, lease.runId);
  if (!isLeftBy(run, lease)) return false;
  settleRuns(model, [{ run, settlement: { by: "driver" }, after: [{ kind: "run", verb: "settled", payload: { by: lease.owner } }], lease: "given_back" }]);
  return true;
};
