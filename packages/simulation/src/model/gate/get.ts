import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";
import { lockGate } from "./lock.ts";
import { toGate } from "./row.ts";

export const getGate: VerbOf<typeof store.getGate> = (model, { id }) => toGate(model, lockGate(model, id).gate);
