import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";
import { lockEffect } from "./lock.ts";
import { toEffect } from "./row.ts";

export const getEffect: VerbOf<typeof store.getEffect> = (model, { id }) => toEffect(model, lockEffect(model, id).effect);
