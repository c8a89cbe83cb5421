import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";
import { toCheck } from "./looked-after.ts";

export const nextCheckAt: VerbOf<typeof store.nextCheckAt> = (model, loaded) => {
  const [next] = toCheck(model, loaded);
  return next ? { inMs: Math.max(0, next.nextCheckAt - model.now) } : null;
};
