/**
 * What takes the place of `@tape/store` for packages/worker and packages/sdk: the same names, said to the model over the
 * network of the process they are called in. What acts on no rows is the store's own.
 */
export { Committer, fingerprint, isConnectionFailure } from "@tape/store";
export { createHintHub, listenForHints } from "./hints.ts";
export * from "./absent.ts";
export * from "./verbs.ts";
