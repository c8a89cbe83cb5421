import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";

/** Takes workers off the list that have been silent for long. */
export const forgetDeadWorkers: VerbOf<typeof store.forgetDeadWorkers> = (model, { silentMs = 600_000 } = {}) => {
  const silent = [...model.workers.values()].filter(({ beatAt }) => beatAt < model.now - silentMs);
  for (const { id } of silent) model.workers.delete(id);
  return silent.map(({ id }) => id);
};
