import { fieldOf, type Invariant } from "./invariant.ts";

/** One invocation is one run, and a step that starts a child starts one: every errand has a name of its own. */
export const children: Invariant = {
  name: "one run per invocation",
  watch: ({ model }, violated) => {
    let known = 0;
    const invocations = new Map<string, string>();
    const errands = new Map<string, string>();
    return {
      said: () => {
        if (model.runs.size === known) return;
        known = model.runs.size;
        for (const { id, app, invocationId } of model.runs.values()) {
          const before = invocations.get(`${app} ${invocationId}`) ?? id;
          if (before !== id) violated(`invocation ${invocationId} is run ${before} and run ${id}`);
          invocations.set(`${app} ${invocationId}`, id);
          const { name } = fieldOf<{ name: string }>(model.journals.get(id)![0]!, "input");
          if ((errands.get(name) ?? id) !== id) violated(`errand ${name} was started as run ${errands.get(name)} and as run ${id}`);
          errands.set(name, id);
        }
      },
    };
  },
};
