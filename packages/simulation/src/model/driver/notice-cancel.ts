import type * as store from "@tape/store";
import { append } from "../append.ts";
import { isLeftBy, lockRun } from "../run/lock.ts";
import type { VerbOf } from "../verb.ts";

/** Its driver knows of the cancellation: nothing new is asked or begun from here on. False when it was said before, or is not its to say. */
export const noticeCancel: VerbOf<typeof store.noticeCancel> = (model, lease) => {
  const run = lockRun(model, lease.runId);
  if (!isLeftBy(run, lease) || run.cancelNoticedAt !== null) return false;
  run.cancelNoticedAt = model.now;
  append(model, { runId: run.id, happenings: [{ kind: "run", verb: "cancel_noticed", payload: { owner: lease.owner } }] });
  return true;
};
