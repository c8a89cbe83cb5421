import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";

/** Gives back an extra copy that was claimed and not undone: no attempt is counted. */
export const releaseDuplicate: VerbOf<typeof store.releaseDuplicate> = (model, { obligationId, claim }) => {
  for (const copy of model.obligations.values()) {
    if (copy.id === obligationId && copy.claim === claim) copy.claim = copy.claimExpiresAt = null;
  }
  model.hints.push({ on: "reactors" });
};
