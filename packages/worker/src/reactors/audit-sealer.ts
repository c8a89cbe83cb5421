import { sealAudit, type Store } from "@tape/store";
import type { Pass } from "../loop.ts";

/** Within how long what people did is part of the chain (ms). */
const POLL_MS = 1_000;

/**
 * Chains what people did, in the order it is seen, within a second (D37). One worker at a time seals; the others find
 * nothing to do.
 */
export function auditSealer({ store }: { store: Store }): Pass {
  return async () => {
    const { more } = await sealAudit(store);
    return more ? 0 : POLL_MS;
  };
}
