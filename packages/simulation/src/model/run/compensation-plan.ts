import { sumMoney, type CompensationItem, type CompensationPlan } from "@tape/core";
import type * as store from "@tape/store";
import { iso } from "../iso.ts";
import { inOrder } from "../in-order.ts";
import { keyOf, ofRun, type Model, type RunRow } from "../model.ts";
import { inWalkOrder, isOwed, toObligation } from "../obligation/row.ts";
import type { VerbOf } from "../verb.ts";
import { hasLoaded } from "../worker/presence.ts";
import { insteadOfCompensating } from "./compensate.ts";
import { lockRun } from "./lock.ts";

/** What compensating a run would take back, or is taking back, in the order of the walk. Nothing is deleted here, so it can be for ever. */
export const compensationPlan: VerbOf<typeof store.compensationPlan> = (model, { id }) => {
  const run = lockRun(model, id);
  const owed = inWalkOrder(model, id).filter(isOwed).map(toObligation);
  const amounts = owed.flatMap(({ amount }) => (amount === null ? [] : [amount]));
  return {
    runId: id,
    status: run.status,
    refusal: insteadOfCompensating(run),
    items: itemsOf(model, run),
    totals: sumMoney(amounts),
    withoutAmount: owed.length - amounts.length,
    unsettled: unsettledOf(model, run),
    drivenBy: run.settledAt === null ? run.owner : null,
    serverTime: iso(model.now),
  };
};

function itemsOf(model: Model, { id, app }: RunRow): CompensationItem[] {
  return inWalkOrder(model, id).map((obligation) => {
    const effect = model.effects.get(keyOf(id, obligation.effectKey));
    return {
      obligation: toObligation(obligation),
      effect: { id: obligation.effectId, tool: effect?.tool ?? "", summary: effect?.summary ?? null, settledAt: iso(effect?.settledAt ?? null) },
      hasWorker: hasLoaded(model, "compensate", app, obligation.kind),
    };
  });
}

function unsettledOf(model: Model, run: RunRow): CompensationPlan["unsettled"] {
  const open = ofRun(model.effects, run.id).filter(({ status }) => status === "PENDING" || status === "UNKNOWN");
  return inOrder(open, ({ createdAt, id }) => [createdAt, id]).map(({ id, tool, summary, status, createdAt }) => ({ id, tool, summary, status, createdAt: iso(createdAt) }));
}
