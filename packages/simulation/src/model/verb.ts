import type { Store } from "@tape/store";
import type { Model } from "./model.ts";

/** A verb of the store as the model has it: on a model instead of a store, and at once. */
export type VerbOf<F> = F extends (store: Store, ...rest: infer Rest) => Promise<infer Answer> ? (model: Model, ...rest: Rest) => Answer : never;
