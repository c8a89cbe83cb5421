import type { Pool } from "pg";
import type { RunCommit, RunCommitOutcome } from "../record.ts";
import { outcomeOf, type CommitAnswer } from "./outcome.ts";
import { rowsOf, type Operation } from "./rows.ts";
import { commitStatement } from "./statement.ts";

/**
 * Commits what several runs have to say, one group per run, in one statement and one round trip. A group whose fence
 * does not hold is refused by itself; a database error refuses the whole batch.
 */
export async function commitBatch(pool: Pool, commits: readonly RunCommit[]): Promise<RunCommitOutcome[]> {
  const rows = commits.map(rowsOf);
  const records = rows.flatMap((each) => each.records);
  const operations = new Set<Operation>();
  for (const { op } of records) if (op) operations.add(op);
  const { name, text } = commitStatement(operations);
  const values = [JSON.stringify(rows.map((each) => each.group)), JSON.stringify(records)];
  const answer = await pool.query<CommitAnswer>({ name, text, values });
  const byRun = new Map(answer.rows.map((row) => [row.run_id, row]));
  return commits.map((commit) => {
    const row = byRun.get(commit.runId);
    if (!row) throw new Error(`the commit of ${commit.runId} was not answered`);
    return outcomeOf(commit, row);
  });
}
