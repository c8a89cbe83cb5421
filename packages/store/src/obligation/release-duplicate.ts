import { read } from "../read.ts";
import type { Store } from "../store.ts";

/**
 * Gives back an extra copy that was claimed and not undone, because its worker stops: no attempt is counted, and the next
 * one takes it at once. A claim that somebody else has by now is left alone.
 */
export async function releaseDuplicate(store: Store, { obligationId, claim }: { obligationId: string; claim: string }): Promise<void> {
  await read(store, "UPDATE tape.obligations SET claim = NULL, claim_expires_at = NULL WHERE id = $1 AND claim = $2", [obligationId, claim]);
  store.hints.publish([{ on: "reactors" }]);
}
