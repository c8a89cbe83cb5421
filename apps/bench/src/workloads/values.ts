import { closedLoop } from "../closed-loop.ts";
import { defineWorkload } from "../workload.ts";
import { withWorld } from "../world/world.ts";

export const values = defineWorkload({
  name: "values",
  what: "writes of live values, each caller to keys of its own in turn",
  figures: { valueWritesPerSecond: { unit: "per s", better: "higher", target: 10_000, what: "writes to 1,000 keys, 200 at once" } },
  sizes: {
    full: { keys: 1_000, atOnce: 200, warmUpMs: 2_000, forMs: 5_000 },
    tiny: { keys: 10, atOnce: 5, warmUpMs: 1, forMs: 50 },
  },
  measure: (server, { keys, atOnce, warmUpMs, forMs }) =>
    withWorld(server, async ({ agents: { tape } }) => {
      let writes = 0;
      const once = () => {
        const n = writes++;
        return tape.setValue("bench", `key-${n % keys}`, { n });
      };
      await closedLoop({ atOnce, forMs: warmUpMs, once });
      const { perSecond } = await closedLoop({ atOnce, forMs, once });
      return { valueWritesPerSecond: perSecond };
    }),
});
