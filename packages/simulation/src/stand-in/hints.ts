import type { Hint } from "@tape/core";
import type * as store from "@tape/store";
import { thisProcess } from "../world/index.ts";

export const listenForHints: typeof store.listenForHints = ({ onHints, onResync, onError = () => {} }) => {
  const process = thisProcess();
  const ear = process.world.hints.listen(process, { onHints, onResync, onError });
  return { stop: async () => ear.stop() };
};

/** One listener for all who subscribe, for as long as the process lives. */
export const createHintHub: typeof store.createHintHub = () => {
  const subscribers = new Set<{ matches(hint: Hint): boolean; wake(): void }>();
  let listener: { stop(): Promise<void> } | undefined;
  const tell = (hints: Hint[] | null) => {
    for (const { matches, wake } of [...subscribers]) if (hints === null || hints.some(matches)) wake();
  };
  return {
    subscribe: (matches, wake) => {
      const subscriber = { matches, wake };
      subscribers.add(subscriber);
      listener ??= listenForHints({ connectionString: "", onHints: tell, onResync: () => tell(null) });
      return () => void subscribers.delete(subscriber);
    },
    stop: async () => await listener?.stop(),
  };
};
