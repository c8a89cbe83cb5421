import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";
import { lockObligation } from "./lock.ts";
import { toObligation } from "./row.ts";

export const getObligation: VerbOf<typeof store.getObligation> = (model, { id }) => toObligation(lockObligation(model, id).obligation);
