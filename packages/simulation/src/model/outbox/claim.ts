import { newId } from "@tape/core";
import type * as store from "@tape/store";
import { isClaimed } from "../effect/lock.ts";
import { requestOf } from "../effect/row.ts";
import { inOrder } from "../in-order.ts";
import type { EffectRow, Model } from "../model.ts";
import type { VerbOf } from "../verb.ts";

const CLAIM_MS = 60_000;

/**
 * Takes effects of the outbox that are due, the longest due first, for the places that each connector has. Nobody gets
 * one that somebody began to send, nor one whose claim holds.
 */
export const claimOutbox: VerbOf<typeof store.claimOutbox> = (model, { owner, connectors }) => {
  const wanted = connectors.filter(({ places }) => places > 0);
  if (wanted.length === 0) return [];
  const claim = `${owner}/${newId("rec")}`;
  const taken = wanted.flatMap(({ app, connector, places }) =>
    inOrder(toSend(model, { app, connector }), ({ dueAt, id }) => [dueAt, id])
      .filter((effect) => effect.dueAt <= model.now && !isClaimed(model, effect))
      .slice(0, places),
  );
  return inOrder(taken, ({ createdAt, id }) => [createdAt, id]).map((effect) => {
    effect.claim = claim;
    effect.claimExpiresAt = effect.dueAt = model.now + CLAIM_MS;
    const { id: effectId, runId, key, tool, connector, businessKey, externalRef, semantics, attempts: attempt } = effect;
    const { app, agent } = model.runs.get(runId)!;
    return { effectId, runId, app, agent, tool, connector: connector!, key, businessKey, externalRef, request: requestOf(model, effect), semantics, attempt, claim };
  });
};

/** What a connector has to send, and nobody has begun to. */
export function toSend(model: Model, { app, connector }: { app: string; connector: string }): (EffectRow & { dueAt: number })[] {
  return [...model.effects.values()].filter(
    (effect): effect is EffectRow & { dueAt: number } =>
      effect.status === "PENDING" && effect.dueAt !== null && effect.inFlightAt === null && effect.connector === connector && model.runs.get(effect.runId)!.app === app,
  );
}
