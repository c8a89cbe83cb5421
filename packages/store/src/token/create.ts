import { randomBytes } from "node:crypto";
import { newId, type ApiToken, type Role } from "@tape/core";
import { requireRole, type Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import type { Store } from "../store.ts";
import { assertInstant, assertText, invalidField } from "../text.ts";
import { inTransaction } from "../transaction.ts";
import { hashOf, TOKEN_COLUMNS, toToken, type TokenRow } from "./row.ts";

export interface CreateToken {
  /** Whose it is: `actor` of what it does is `token:<name>`. */
  name: string;
  role: Role;
  /** ISO 8601; without it, it is good until it is revoked. */
  expiresAt?: string;
  actor: Actor;
}

/**
 * A token for a machine. `token` is shown this once: only its hash is kept.
 *
 * @throws {TapeError} `forbidden` below admin; `invalid_input` for an expiry that has passed.
 */
export async function createToken(store: Store, { name, role, expiresAt, actor }: CreateToken): Promise<{ token: string; record: ApiToken }> {
  requireRole(actor, "admin", "create a token");
  assertText(name, "name", { max: 100 });
  if (expiresAt !== undefined) assertInstant(expiresAt, "expiresAt");
  const token = `tape_${randomBytes(32).toString("base64url")}`;
  const record = await inTransaction(store, async (tx) => {
    const { rows } = await tx.query<TokenRow & { hasPassed: boolean }>(
      `INSERT INTO tape.api_tokens AS t (id, name, hash, role, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, tape.now(), $6)
       RETURNING ${TOKEN_COLUMNS}, COALESCE(t.expires_at <= tape.now(), false) AS "hasPassed"`,
      [newId("tok"), name, hashOf(token), role, actor.id, expiresAt ?? null],
    );
    const { hasPassed, ...row } = rows[0]!;
    if (hasPassed) throw invalidField("expiresAt", "has passed already");
    const details = { name, role, expiresAt: expiresAt ?? null };
    await appendAudit(tx, { actor: actor.id, action: "token.create", target: row.id, details, source: actor.source });
    return toToken(row);
  });
  return { token, record };
}
