import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { GENESIS, LINK_COLUMNS, linkHash, type Link } from "./chain.ts";

export interface AuditVerdict {
  /** How many sealed rows hold, from the first on. */
  verified: number;
  /** The position of the first row that was changed, or that is missing; null when the whole chain holds. */
  brokenAt: number | null;
  /** Its id, as it stands there now; null when there is none at that position any more. */
  brokenId: string | null;
  /** Rows after the chain that the sealer has not taken yet: nothing vouches for these. */
  unsealed: string[];
}

const PAGE = 1_000;

/** Computes the chain again from the first row. Reads the whole log in pages, holds one of them. */
export async function verifyAudit(store: Store): Promise<AuditVerdict> {
  let verified = 0;
  let hash: Buffer = GENESIS;
  for (;;) {
    const rows = await read<Link & { position: number; hash: Buffer }>(
      store,
      `SELECT ${LINK_COLUMNS}, position, hash FROM tape.audit WHERE position > $1 ORDER BY position LIMIT ${PAGE}`,
      [verified],
    );
    for (const row of rows) {
      const expected = linkHash(hash, verified + 1, row);
      if (row.position !== verified + 1 || !expected.equals(row.hash)) {
        const isThere = row.position === verified + 1;
        return { verified, brokenAt: verified + 1, brokenId: isThere ? row.id : null, unsealed: await unsealed(store) };
      }
      verified++;
      hash = expected;
    }
    if (rows.length < PAGE) return { verified, brokenAt: null, brokenId: null, unsealed: await unsealed(store) };
  }
}

async function unsealed(store: Store): Promise<string[]> {
  return (await read<{ id: string }>(store, "SELECT id FROM tape.audit WHERE position IS NULL ORDER BY id LIMIT 1000")).map(({ id }) => id);
}
