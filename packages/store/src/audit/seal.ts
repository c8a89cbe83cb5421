import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import { GENESIS, LINK_COLUMNS, linkHash, type Link } from "./chain.ts";

const SEALER_LOCK = "hashtext('tape audit sealer')";

/**
 * Chains what was committed and not yet sealed, in the order of ids, after what is sealed already (D37). One sealer works
 * at a time: when another does, this call does nothing.
 *
 * @returns How many rows it sealed, and whether more may be waiting.
 */
export async function sealAudit(store: Store, { limit = 1_000 }: { limit?: number } = {}): Promise<{ sealed: number; more: boolean }> {
  return await inTransaction(store, async (tx) => {
    const lock = await tx.query<{ isMine: boolean }>(`SELECT pg_try_advisory_xact_lock(${SEALER_LOCK}) AS "isMine"`);
    if (!lock.rows[0]!.isMine) return { sealed: 0, more: false };
    const { rows } = await tx.query<Link>(`SELECT ${LINK_COLUMNS} FROM tape.audit WHERE position IS NULL ORDER BY id LIMIT $1`, [limit]);
    if (rows.length === 0) return { sealed: 0, more: false };
    const last = await tx.query<{ position: number; hash: Buffer }>("SELECT position, hash FROM tape.audit WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1");
    let { position, hash } = last.rows[0] ?? { position: 0, hash: GENESIS };
    const sealed = rows.map((row) => ({ id: row.id, position: ++position, hash: (hash = linkHash(hash, position, row)) }));
    await tx.query(
      `UPDATE tape.audit a SET position = s.position, hash = s.hash FROM unnest($1::text[], $2::bigint[], $3::bytea[]) AS s (id, position, hash)
       WHERE a.id = s.id AND a.position IS NULL`,
      [sealed.map(({ id }) => id), sealed.map((link) => link.position), sealed.map((link) => link.hash)],
    );
    return { sealed: rows.length, more: rows.length === limit };
  });
}
