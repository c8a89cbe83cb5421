import type { ApiToken } from "@tape/core";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { hashOf, TOKEN_COLUMNS, toToken, type TokenRow } from "./row.ts";

/** Its last use is written at most this often. */
const USED_EVERY = "1 minute";

/** The token that this secret belongs to; null when there is none, it has expired, or it was revoked. */
export async function findToken(store: Store, { secret }: { secret: string }): Promise<ApiToken | null> {
  if (!secret.startsWith("tape_") || secret.length > 200) return null;
  const hash = hashOf(secret);
  const [row] = await read<TokenRow & { isFresh: boolean }>(store, {
    name: "find_token",
    text: `SELECT ${TOKEN_COLUMNS}, COALESCE(t.last_used_at > tape.now() - interval '${USED_EVERY}', false) AS "isFresh"
           FROM tape.api_tokens t WHERE t.hash = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > tape.now())`,
    values: [hash],
  });
  if (!row) return null;
  const { isFresh, ...token } = row;
  if (!isFresh) await read(store, "UPDATE tape.api_tokens SET last_used_at = tape.now() WHERE hash = $1", [hash]);
  return toToken(token);
}
