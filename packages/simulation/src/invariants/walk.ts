import { keyOf } from "../model/index.ts";
import { fieldOf, is, type Invariant } from "./invariant.ts";

/** A walk takes the newest first, one at a time, and only once nobody drives the run and none of its effects is open. */
export const walk: Invariant = {
  name: "newest first",
  watch: ({ model }, violated) => ({
    grew: (run, fresh) => {
      for (const entry of fresh) {
        if (!is(entry, "obligation", "armed")) continue;
        const reached = model.obligations.get(keyOf(run.id, fieldOf(entry, "obligationId")))!;
        if (reached.reason === "duplicate") continue;
        const ofRun = [...model.obligations.values()].filter((each) => each.runId === run.id && each.reason !== "duplicate" && each !== reached);
        for (const other of ofRun) {
          if (other.position > reached.position && other.status !== "COMPENSATED" && other.status !== "WAIVED") {
            violated(`the walk of run ${run.id} reached the obligation of ${reached.effectKey} (${reached.position}) while that of ${other.effectKey} (${other.position}) is ${other.status}`);
          }
          if (other.status === "PENDING") violated(`two obligations of run ${run.id} are being undone at the same time`);
        }
        const open = [...model.effects.values()].filter(({ runId, status }) => runId === run.id && (status === "PENDING" || status === "UNKNOWN"));
        if (open.length > 0) violated(`the walk of run ${run.id} went on while ${open[0]!.key} is ${open[0]!.status}`);
        if (run.settledAt === null) violated(`the walk of run ${run.id} began before its driver had left`);
      }
    },
  }),
};
