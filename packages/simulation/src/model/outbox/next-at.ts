import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";
import { toSend } from "./claim.ts";

export const nextOutboxAt: VerbOf<typeof store.nextOutboxAt> = (model, { connectors }) => {
  const dueAt = connectors.flatMap((loaded) => toSend(model, loaded)).map((effect) => effect.dueAt);
  return dueAt.length === 0 ? null : { inMs: Math.max(0, Math.min(...dueAt) - model.now) };
};
