import type { Invariant } from "./invariant.ts";

/** A business key stands for one operation of its connector: no two effects that may have happened share one. */
export const businessKeys: Invariant = {
  name: "one effect per business key",
  watch: ({ model }, violated) => ({
    grew: (_, fresh) => {
      if (!fresh.some(({ kind, verb }) => kind === "effect" && verb === "intended")) return;
      const holders = new Map<string, string>();
      for (const { connector, businessKey, key, status } of model.effects.values()) {
        if (businessKey === null || status === "FAILED") continue;
        const name = `${connector} ${businessKey}`;
        if (holders.has(name)) violated(`${holders.get(name)} and ${key} have the same business key ${businessKey}`);
        holders.set(name, key);
      }
    },
  }),
};
