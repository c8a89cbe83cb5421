import { TapeError } from "@tape/core";
import { keyOf, type Model } from "../model.ts";
import { assertText } from "../text.ts";

/**
 * Does `act` the first time that this key is seen in its scope, and gives the same answer ever after. What throws leaves
 * the key unused.
 *
 * @throws {TapeError} `invocation_conflict` when the key came with another request before.
 */
export function once(model: Model, { scope, key, fingerprint }: { scope: string; key: string; fingerprint: string }, act: () => string): { answer: string; repeated: boolean } {
  assertText(key, "Idempotency-Key");
  const before = model.idempotencyKeys.get(keyOf(scope, key));
  if (before && before.fingerprint !== fingerprint) throw new TapeError("invocation_conflict", `The Idempotency-Key ${key} was used for another request.`, { key });
  if (before) return { answer: before.answer, repeated: true };
  const answer = act();
  model.idempotencyKeys.set(keyOf(scope, key), { fingerprint, answer });
  return { answer, repeated: false };
}
