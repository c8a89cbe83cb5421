import type { Invariant } from "./invariant.ts";

/** One invocation is one run, and a step that starts a child starts one. */
export const children: Invariant = {
  name: "one run per invocation",
  watch: ({ model }, violated) => {
    let known = 0;
    const invocations = new Map<string, string>();
    return {
      said: () => {
        if (model.runs.size === known) return;
        known = model.runs.size;
        for (const { id, app, invocationId } of model.runs.values()) {
          const before = invocations.get(`${app} ${invocationId}`) ?? id;
          if (before !== id) violated(`invocation ${invocationId} is run ${before} and run ${id}`);
          invocations.set(`${app} ${invocationId}`, id);
        }
      },
    };
  },
};
