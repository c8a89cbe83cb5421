import type { Invariant } from "./invariant.ts";

/** Nothing is asked of the counterparty that is not in the journal before: a payment as an intent, taking one back as an armed obligation. */
export const intent: Invariant = {
  name: "intent before act",
  watch: ({ model }, violated) => ({
    arrived: (what, key) => {
      if (what === "undo") {
        const [effectKey] = key.split("/undo/");
        const owed = [...model.obligations.values()].filter((each) => each.effectKey === effectKey);
        if (!owed.some(({ status }) => status !== "REGISTERED")) violated(`${effectKey} was taken back, and no obligation of it is armed`);
        return;
      }
      const effect = [...model.effects.values()].find((each) => each.key === key);
      if (!effect) violated(`the bank was sent ${key}, and the journal knows no such effect`);
    },
  }),
};
