import type * as store from "@tape/store";
import { inOrder } from "../in-order.ts";
import type { RunRow } from "../model.ts";
import type { VerbOf } from "../verb.ts";
import { isStale } from "../worker/presence.ts";
import { settleRuns } from "./settle.ts";

/** Settles cancelled runs whose driver died before it left (D14): it is fenced, and what it had begun is UNKNOWN. */
export const settleAbandonedRuns: VerbOf<typeof store.settleAbandonedRuns> = (model, { limit, sessionLocks }) => {
  const abandoned = [...model.runs.values()].filter((run) => isUnsettled(run) && (run.owner === null || isStale(model, run, { trustsLocks: sessionLocks })));
  const runs = inOrder(abandoned, ({ id }) => [id]).slice(0, limit);
  settleRuns(
    model,
    runs.map((run) => ({ run, settlement: { by: "reconciler" }, after: [{ kind: "run", verb: "settled", payload: { by: "recovery" } }], lease: "taken" })),
  );
  return { settled: runs.map(({ id }) => id), more: runs.length === limit };
};

function isUnsettled({ status, settledAt }: RunRow): boolean {
  return (status === "CANCELLED" || status === "COMPENSATING") && settledAt === null;
}
