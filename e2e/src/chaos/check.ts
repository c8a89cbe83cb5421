import type { Pool } from "pg";
import { actsOf } from "../acts.ts";
import type { Place } from "./place.ts";
import { mayEndAs, type Wish } from "./wish.ts";

/** What is wrong after the storm, in words, and what is odd but explained. */
export interface Verdict {
  wrongs: string[];
  /** Ended runs by status. */
  ended: Record<string, number>;
  entries: number;
  acts: number;
  /** Acts in the ledger that the journal has as conflicts: done after they were settled otherwise. */
  conflicts: number;
}

export async function check(place: Pick<Place, "store" | "dir">, wishes: readonly Wish[], ids: ReadonlyMap<number, string>): Promise<Verdict> {
  const { pool } = place.store;
  const [rows, ledger] = await Promise.all([pool.query<{ id: string; status: string }>("SELECT id, status FROM tape.runs"), ledgerOf(place, pool)]);
  const statuses = new Map(rows.rows.map(({ id, status }) => [id, status]));
  const ended: Record<string, number> = {};
  const wrongs = [...(await wrongRows(pool)), ...ledger.wrongs];
  if (statuses.size !== wishes.length) wrongs.push(`${statuses.size} runs were started, ${wishes.length} were asked for`);
  for (const wish of wishes) {
    const status = statuses.get(ids.get(wish.n) ?? "") ?? "lost";
    ended[status] = (ended[status] ?? 0) + 1;
    if (!mayEndAs(wish).includes(status)) wrongs.push(`run ${wish.n} ${ids.get(wish.n)} is ${status}, asked for was ${mayEndAs(wish).join(" or ")}`);
  }
  const counted = await pool.query<{ n: number }>("SELECT count(*) AS n FROM tape.entries");
  return { wrongs, ended, entries: counted.rows[0]?.n ?? 0, acts: ledger.acts, conflicts: ledger.conflicts };
}

/** Every query answers rows of `what`, each of them wrong. */
const WRONG: Record<string, string> = {
  "seq is not gapless": `SELECT r.id || ': ' || r.seq || ' of ' || count(e.seq) AS what FROM tape.runs r LEFT JOIN tape.entries e ON e.run_id = r.id
    GROUP BY r.id HAVING count(e.seq) <> r.seq OR min(e.seq) <> 1 OR max(e.seq) <> r.seq`,
  "an entry has no body": "SELECT e.run_id || ' ' || e.seq AS what FROM tape.entries e LEFT JOIN tape.bodies b USING (run_id, seq) WHERE b.run_id IS NULL",
  "open_effects is not what is open": `SELECT id || ': ' || open_effects AS what FROM tape.runs r
    WHERE open_effects <> (SELECT count(*) FROM tape.effects e WHERE e.run_id = r.id AND e.status IN ('PENDING', 'UNKNOWN'))`,
  "armed is not what is armed": `SELECT id || ': ' || armed AS what FROM tape.runs r WHERE armed <> (SELECT count(*) FROM tape.obligations o WHERE o.run_id = r.id AND o.status = 'PENDING')`,
  // What arrives: decisions of gates, ends of sleeps, outcomes that somebody else than the driver brought, what was put back to PENDING.
  "inbox is not what arrived": `SELECT r.id || ': ' || r.inbox || ' of ' || n.arrived AS what FROM tape.runs r CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE (e.kind, e.verb) IN (('gate', 'decided'), ('timer', 'fired'))
        OR (e.kind = 'effect' AND e.verb IN ('confirmed', 'failed') AND b.body::json ->> 'by' <> 'driver')
        OR (e.kind = 'effect' AND e.verb = 'retried' AND f.dispatch = 'INLINE')) AS arrived
      FROM tape.entries e JOIN tape.bodies b USING (run_id, seq) LEFT JOIN tape.effects f ON f.run_id = e.run_id AND f.id = e.ref WHERE e.run_id = r.id) n
    WHERE r.status IN ('COMPLETED', 'FAILED') AND r.inbox <> n.arrived`,
  "an effect is unsettled": "SELECT run_id || ' ' || key || ' ' || status AS what FROM tape.effects WHERE status IN ('PENDING', 'UNKNOWN')",
  "an intent, an outcome or an answer is recorded twice": `SELECT e.run_id || ' ' || e.verb || ' ' || (b.body::json ->> 'key') AS what FROM tape.entries e JOIN tape.bodies b USING (run_id, seq)
    WHERE (e.kind, e.verb) IN (('effect', 'intended'), ('effect', 'confirmed'), ('effect', 'failed'), ('decision', 'answered')) GROUP BY e.run_id, e.verb, b.body::json ->> 'key' HAVING count(*) > 1`,
  "a confirmed effect has no obligation": "SELECT run_id || ' ' || key AS what FROM tape.effects e WHERE status = 'CONFIRMED' AND NOT EXISTS (SELECT FROM tape.obligations o WHERE o.run_id = e.run_id AND o.effect_key = e.key)",
  "an obligation of a compensated run is open": "SELECT o.run_id || ' ' || o.effect_key || ' ' || o.status AS what FROM tape.obligations o JOIN tape.runs r ON r.id = o.run_id WHERE r.status = 'COMPENSATED' AND o.status <> 'COMPENSATED'",
  "an obligation of a run that was not compensated was touched": "SELECT o.run_id || ' ' || o.effect_key || ' ' || o.status AS what FROM tape.obligations o JOIN tape.runs r ON r.id = o.run_id WHERE r.status IN ('COMPLETED', 'FAILED', 'CANCELLED') AND o.status <> 'REGISTERED'",
  "a lease, a gate or a timer is left": `SELECT id || ' owner' AS what FROM tape.runs WHERE owner IS NOT NULL UNION ALL SELECT run_id || ' gate' FROM tape.gates WHERE status = 'OPEN'
    UNION ALL SELECT run_id || ' timer' FROM tape.timers WHERE status = 'ARMED'`,
  "compensated in another order": `SELECT run_id || ' ' || effect_key AS what FROM (
      SELECT o.run_id, o.effect_key, o.position, min(o.position) OVER (PARTITION BY o.run_id ORDER BY e.seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM tape.obligations o JOIN tape.entries e ON e.run_id = o.run_id AND e.kind = 'obligation' AND e.verb = 'compensated' AND e.ref = o.id) walked WHERE position > before`,
};

async function wrongRows(pool: Pool): Promise<string[]> {
  const wrongs: string[] = [];
  for (const [name, query] of Object.entries(WRONG)) {
    const { rows } = await pool.query<{ what: string }>(query);
    wrongs.push(...rows.map(({ what }) => `${name}: ${what}`));
  }
  return wrongs;
}

/** What was paid, posted and taken back, beside what the journal says of it; the ledger's identity is the idempotency key. */
async function ledgerOf(place: Pick<Place, "dir">, pool: Pool): Promise<{ wrongs: string[]; acts: number; conflicts: number }> {
  const acts = await actsOf(place);
  const { rows } = await pool.query<{ key: string; status: string; semantics: string; undone: boolean; conflicts: number }>(`
    SELECT e.key, e.status, e.semantics, o.status = 'COMPENSATED' AS undone,
      (SELECT count(*) FROM tape.entries n WHERE n.run_id = e.run_id AND n.kind = 'effect' AND n.verb = 'conflict' AND n.ref = e.id) AS conflicts
    FROM tape.effects e LEFT JOIN tape.obligations o ON o.run_id = e.run_id AND o.effect_key = e.key AND o.reason = 'confirmed'`);
  const times = new Map<string, number>();
  for (const { what, name } of acts) times.set(`${what} ${name}`, (times.get(`${what} ${name}`) ?? 0) + 1);
  const wrongs: string[] = [];
  let conflicts = 0;
  for (const { key, status, semantics, undone, conflicts: journaled } of rows) {
    const verb = semantics === "NON_IDEMPOTENT" ? "posted" : "paid";
    const done = times.get(`${verb} ${key}`) ?? 0;
    if (status === "CONFIRMED" && done === 0) wrongs.push(`${key} is CONFIRMED and not in the ledger`);
    if (status === "FAILED" && done > 0) {
      if (journaled > 0) conflicts += 1;
      else wrongs.push(`${key} is FAILED and in the ledger`);
    }
    if (verb === "posted" && done > 1) wrongs.push(`${key} was posted ${done} times`);
    if (undone !== times.has(`un${verb} ${key}/undo/1`) && (undone || times.has(`un${verb} ${key}/undo/1`))) wrongs.push(`${key} is ${undone ? "taken back" : "not taken back"} in the journal, and not so in the ledger`);
    times.delete(`${verb} ${key}`);
    times.delete(`un${verb} ${key}/undo/1`);
  }
  for (const left of times.keys()) wrongs.push(`the ledger has ${left}, and no journal does`);
  return { wrongs, acts: acts.length, conflicts };
}
