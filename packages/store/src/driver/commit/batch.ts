import type { QueryConfig } from "pg";
import type { Store } from "../../store.ts";
import type { RunCommit, RunCommitOutcome } from "../record.ts";
import { outcomeOf, type CommitAnswer } from "./outcome.ts";
import { rowsOf, type Operation } from "./rows.ts";
import { commitStatement } from "./statement.ts";

/** Longer than this no healthy database takes; less than that a busy one may (ms). */
const LONGEST_MS = 10_000;
const SHORTEST_MS = 1_000;

/**
 * Commits what several runs have to say, one group per run, in one statement and one round trip. A group whose fence
 * does not hold is refused by itself; a database error refuses the whole batch. A connection that says nothing for a
 * quarter of the shortest lease (1 s to 10 s) is given up: it may have fallen silent for good, and nobody else commits
 * meanwhile.
 */
export async function commitRuns({ pool }: Pick<Store, "pool">, commits: readonly RunCommit[]): Promise<RunCommitOutcome[]> {
  const rows = commits.map(rowsOf);
  const records = rows.flatMap((each) => each.records);
  const operations = new Set<Operation>();
  for (const { op } of records) if (op) operations.add(op);
  const { name, text } = commitStatement(operations);
  const values = [JSON.stringify(rows.map((each) => each.group)), JSON.stringify(records)];
  const query_timeout = Math.max(SHORTEST_MS, Math.min(LONGEST_MS, ...commits.map(({ ttlMs }) => ttlMs / 4)));
  const statement: QueryConfig & { query_timeout: number } = { name, text, values, query_timeout };
  const answer = await pool.query<CommitAnswer>(statement);
  const byRun = new Map(answer.rows.map((row) => [row.run_id, row]));
  return commits.map((commit) => {
    const row = byRun.get(commit.runId);
    if (!row) throw new Error(`the commit of ${commit.runId} was not answered`);
    return outcomeOf(commit, row);
  });
}
