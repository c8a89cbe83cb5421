import type { Store } from "../store.ts";

const OLDER_ELSEWHERE = `
  SELECT EXISTS (
    SELECT FROM pg_stat_activity a WHERE a.datname IS DISTINCT FROM current_database() AND a.backend_xid IS NOT NULL
      AND age(a.backend_xid) >= age((SELECT max(tx) FROM tape.entries)::xid)) AS older`;

/**
 * The feed waits for every transaction of the server, also those of the databases of other tests. Resolves when none of
 * those is older than this database's last entry. @throws after 30 s
 */
export async function untilOthersHaveEnded({ pool }: Pick<Store, "pool">): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 5))) {
    const { rows } = await pool.query<{ older: boolean }>(OLDER_ELSEWHERE);
    if (!rows[0]?.older) return;
    if (Date.now() > deadline) throw new Error("a transaction of another database has been open for 30 s");
  }
}
