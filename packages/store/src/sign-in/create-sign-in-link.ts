import { createHash, randomBytes, randomUUID } from "node:crypto";
import { TapeError, type Role } from "@tape/core";
import type { Pool, PoolClient } from "pg";
import { appendAudit } from "../audit/append.ts";
import { toTapeError } from "../failure.ts";

/** Whoever started this Tape. An admin, always. */
export const OWNER_EMAIL = "owner@localhost";

export interface SignInLinkRequest {
  pool: Pool;
  /** Where the console stands: `http://127.0.0.1:3000`. */
  url: string;
  /** Who may sign in with it. Default {@link OWNER_EMAIL}. */
  email?: string;
  /** Makes the person, or gives a known one this role. Without it a person must be known. */
  role?: Role;
  /** Who asks for it, for the audit log. Default `cli:tape`. */
  actor?: string;
}

/** How long a link is good for. */
const VALID = "1 hour";
const EMAIL = /^[^@\s\u0000]+@[^@\s\u0000]+$/;

/**
 * A link that signs one person in once, within an hour. It voids the earlier links of that person. Only a hash of
 * it is kept, in the row better-auth's verifications have (`magic-link:` and the SHA-256 in base64url).
 *
 * @throws {TapeError} `not_found` for a person who is not known, when no role says to add them.
 */
export async function createSignInLink({ pool, url, email = OWNER_EMAIL, role, actor = "cli:tape" }: SignInLinkRequest): Promise<string> {
  const address = email.trim().toLowerCase();
  if (!EMAIL.test(address)) throw new TapeError("invalid_input", `email: ${email} is not an address`);
  const token = randomBytes(32).toString("base64url");
  const client = await pool.connect().catch((error: unknown) => {
    throw toTapeError(error);
  });
  try {
    await client.query("BEGIN");
    await ensurePerson(client, address, address === OWNER_EMAIL ? "admin" : role);
    const value = JSON.stringify({ type: "magic-link", email: address });
    await client.query("DELETE FROM tape.verifications WHERE identifier LIKE 'magic-link:%' AND (value = $1 OR expires_at < now())", [value]);
    await client.query(
      `INSERT INTO tape.verifications (id, identifier, value, expires_at) VALUES ($1, $2, $3, now() + interval '${VALID}')`,
      [randomUUID(), signInIdentifier(token), value],
    );
    await appendAudit(client, { actor, action: "sign_in.link", target: `user:${address}`, details: { role: role ?? null } });
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw toTapeError(error);
  } finally {
    client.release();
  }
  return `${new URL("/sign-in", url).href}?token=${token}`;
}

/** Under which a link's verification is kept: what better-auth's magic link calls a hashed token. */
export function signInIdentifier(token: string): string {
  return `magic-link:${createHash("sha256").update(token).digest("base64url")}`;
}

async function ensurePerson(client: PoolClient, email: string, role: Role | undefined): Promise<void> {
  if (role === undefined) {
    const { rowCount } = await client.query("SELECT FROM tape.users WHERE email = $1 FOR UPDATE", [email]);
    if (rowCount) return;
    throw new TapeError("not_found", `Nobody here is ${email}. Name a role to add them.`);
  }
  await client.query(
    `INSERT INTO tape.users (id, name, email, email_verified, role) VALUES ($1, $2, $3, true, $4)
     ON CONFLICT (email) DO UPDATE SET role = excluded.role, email_verified = true, updated_at = now()`,
    [randomUUID(), email.split("@")[0], email, role],
  );
}
