import type { Invariant } from "./invariant.ts";

/** COMPENSATED is said of an effect's obligation once, and of a run only when all that it owes is taken back or waived. */
export const compensated: Invariant = {
  name: "honest compensation",
  watch: ({ model }, violated) => ({
    grew: (run, fresh) => {
      if (!fresh.some(({ kind, verb }) => kind === "run" && verb === "compensated")) return;
      for (const { runId, effectKey, status, reason } of model.obligations.values()) {
        if (runId !== run.id || reason === "duplicate" || status === "COMPENSATED" || status === "WAIVED") continue;
        violated(`run ${run.id} is COMPENSATED, and the obligation of ${effectKey} is ${status}`);
      }
    },
  }),
};
