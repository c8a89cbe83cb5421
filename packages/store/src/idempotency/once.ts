import { TapeError } from "@tape/core";
import type { Tx } from "../transaction.ts";
import { assertText } from "../text.ts";

/**
 * Does `act` the first time this key is seen in its scope, in the caller's transaction, and gives the same answer ever
 * after. Somebody who sends the same key at the same moment waits for the first to commit.
 *
 * @param answer A short text that finds what was made: an id.
 * @throws {TapeError} `invocation_conflict` when the key came with another request before.
 */
export async function once(
  tx: Tx,
  { scope, key, fingerprint }: { scope: string; key: string; fingerprint: string },
  act: () => Promise<string>,
): Promise<{ answer: string; repeated: boolean }> {
  assertText(key, "Idempotency-Key");
  const { rowCount } = await tx.query(
    `INSERT INTO tape.idempotency_keys (scope, key, fingerprint, answer, created_at) VALUES ($1, $2, $3, '', tape.now())
     ON CONFLICT DO NOTHING`,
    [scope, key, fingerprint],
  );
  if (rowCount === 1) {
    const answer = await act();
    await tx.query("UPDATE tape.idempotency_keys SET answer = $3 WHERE scope = $1 AND key = $2", [scope, key, answer]);
    return { answer, repeated: false };
  }
  const { rows } = await tx.query<{ fingerprint: string; answer: string }>(
    "SELECT fingerprint, answer FROM tape.idempotency_keys WHERE scope = $1 AND key = $2",
    [scope, key],
  );
  if (rows[0]?.fingerprint === fingerprint) return { answer: rows[0].answer, repeated: true };
  throw new TapeError("invocation_conflict", `The Idempotency-Key ${key} was used for another request. Take a new one.`, { key });
}
