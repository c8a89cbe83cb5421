import type * as store from "@tape/store";
import type { Model } from "../model.ts";
import type { VerbOf } from "../verb.ts";

/** Says that a worker is alive. False when nobody knows it any more. */
export const beatWorker: VerbOf<typeof store.beatWorker> = (model, { id, running, stopping = false }) => {
  const worker = model.workers.get(id);
  if (!worker) return false;
  Object.assign(worker, { beatAt: model.now, running, stopping });
  return true;
};

/** The same from the worker's own connection, which says nothing else. */
export function beat(model: Model, { id }: { id: string }): boolean {
  const worker = model.workers.get(id);
  if (!worker) return false;
  worker.beatAt = model.now;
  return true;
}
