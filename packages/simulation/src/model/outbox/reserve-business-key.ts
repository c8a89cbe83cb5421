import { idOf, TapeError } from "@tape/core";
import type * as store from "@tape/store";
import { keyOf, type BusinessKeyRow, type Model } from "../model.ts";
import { hasEnded } from "../run/lock.ts";
import { assertText } from "../text.ts";
import type { VerbOf } from "../verb.ts";

const RUN_ID = idOf("run");

/** Reserves a business key for a step, before its intent is committed (D22). The same step may ask again. */
export const reserveBusinessKey: VerbOf<typeof store.reserveBusinessKey> = (model, { connector, businessKey, runId, effectKey }) => {
  assertText(connector, "connector", { max: 200 });
  assertText(businessKey, "businessKey", { max: 500 });
  if (!RUN_ID.safeParse(runId).success) throw new TapeError("not_found", `There is no run ${runId}.`);
  const held = keyOf(connector, businessKey);
  const holder = model.businessKeys.get(held);
  if (holder?.runId === runId && holder.effectKey === effectKey) return;
  if (holder && !isFree(model, holder)) {
    throw new TapeError("business_key_taken", `The business key ${businessKey} of ${connector} belongs to run ${holder.runId}.`, { connector, businessKey, runId: holder.runId });
  }
  model.businessKeys.set(held, { connector, businessKey, runId, effectKey, createdAt: model.now });
};

/** It is free when the effect that had it FAILED, or when its run has ended without ever intending it; it outlives its run (D36). */
function isFree(model: Model, { runId, effectKey }: BusinessKeyRow): boolean {
  const run = model.runs.get(runId);
  const effect = model.effects.get(keyOf(runId, effectKey));
  if (!run) return false;
  return effect ? effect.status === "FAILED" : hasEnded(run);
}
