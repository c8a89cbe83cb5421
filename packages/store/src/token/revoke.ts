import type { ApiToken } from "@tape/core";
import { requireRole, type Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import { assertId, notFound } from "../identity.ts";
import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import { TOKEN_COLUMNS, toToken, type TokenRow } from "./row.ts";

/**
 * Ends a token for good. One that is revoked already stays as it is.
 *
 * @throws {TapeError} `forbidden` below admin; `not_found`.
 */
export async function revokeToken(store: Store, { id, actor }: { id: string; actor: Actor }): Promise<ApiToken> {
  requireRole(actor, "admin", "revoke a token");
  assertId("tok", id);
  return await inTransaction(store, async (tx) => {
    const { rows } = await tx.query<TokenRow>(
      `UPDATE tape.api_tokens t SET revoked_at = tape.now() WHERE id = $1 AND revoked_at IS NULL RETURNING ${TOKEN_COLUMNS}`,
      [id],
    );
    if (rows[0]) {
      await appendAudit(tx, { actor: actor.id, action: "token.revoke", target: id, details: { name: rows[0].name }, source: actor.source });
      return toToken(rows[0]);
    }
    const standing = await tx.query<TokenRow>(`SELECT ${TOKEN_COLUMNS} FROM tape.api_tokens t WHERE id = $1`, [id]);
    if (!standing.rows[0]) throw notFound("tok", id);
    return toToken(standing.rows[0]);
  });
}
