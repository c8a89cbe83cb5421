import type { Store } from "@tape/store";
import type { Process } from "../world/index.ts";

/** The store of one simulated process, for `createWorker` and `tape.use`. It has no pool: every verb is the stand-in's. */
export function storeOf(process: Process): Store {
  const pool = new Proxy({}, {
    get: (_, name) => {
      throw new Error(`a simulated store has no pool, and ${String(name)} of it was asked for`);
    },
  });
  return {
    connectionString: "simulated",
    pool: pool as Store["pool"],
    hints: {
      publish: (hints) => process.world.hints.publish(hints, process),
      close: async () => {},
    },
    close: async () => {},
  };
}
