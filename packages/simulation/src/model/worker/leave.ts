import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";

/** A worker that stops in order takes its name off, after it has released its leases. */
export const leaveWorker: VerbOf<typeof store.leaveWorker> = (model, { id }) => {
  model.workers.delete(id);
};
