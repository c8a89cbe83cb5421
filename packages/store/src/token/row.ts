import { createHash } from "node:crypto";
import type { ApiToken } from "@tape/core";
import { iso } from "../run/row.ts";

/** A token as every reading verb selects it; the table is `t`. */
export const TOKEN_COLUMNS = `t.id, t.name, t.role, t.created_by AS "createdBy", t.created_at AS "createdAt", t.expires_at AS "expiresAt",
  t.revoked_at AS "revokedAt", t.last_used_at AS "lastUsedAt"`;

export interface TokenRow extends Pick<ApiToken, "id" | "name" | "role" | "createdBy"> {
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

export function toToken(row: TokenRow): ApiToken {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    expiresAt: iso(row.expiresAt),
    revokedAt: iso(row.revokedAt),
    lastUsedAt: iso(row.lastUsedAt),
  };
}

/** 256 random bits need no salt and no slow hash. */
export function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
