import { newId } from "@tape/core";
import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";
import { toCheck } from "./looked-after.ts";
import { requestOf } from "./row.ts";

const CLAIM_MS = 60_000;

/** Takes UNKNOWN effects that are due to be asked after. While a claim holds, nobody else gets them. */
export const claimEffectsToCheck: VerbOf<typeof store.claimEffectsToCheck> = (model, { owner, limit, ...loaded }) => {
  const claim = `${owner}/${newId("rec")}`;
  const due = toCheck(model, loaded).filter(({ nextCheckAt }) => nextCheckAt <= model.now);
  return due.slice(0, limit).map((effect) => {
    effect.claim = claim;
    effect.claimExpiresAt = effect.nextCheckAt = model.now + CLAIM_MS;
    const { id: effectId, runId, tool, key, semantics, dispatch, attempts, externalRef, connector, businessKey } = effect;
    const { app, agent } = model.runs.get(runId)!;
    return { effectId, runId, app, agent, tool, key, semantics, dispatch, attempts, externalRef, connector, businessKey, request: requestOf(model, effect), claim };
  });
};
