import { keyOf, type EffectRow, type Model } from "../model.ts";

/** A business key is unique among effects that are not FAILED (D22): this one is. */
export function freeBusinessKey(model: Model, { runId, key, connector, businessKey }: Pick<EffectRow, "runId" | "key" | "connector" | "businessKey">): void {
  if (connector === null || businessKey === null) return;
  const held = keyOf(connector, businessKey);
  const holder = model.businessKeys.get(held);
  if (holder?.runId === runId && holder.effectKey === key) model.businessKeys.delete(held);
}
