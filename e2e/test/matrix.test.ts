import { expect, test } from "vitest";
import { killAtEach, kindOf, spread, undisturbed } from "../src/matrix/matrix.ts";
import { statementOf } from "../src/matrix/statement.ts";

/*
 * The crash matrix. A boundary is every statement with which a worker writes for a run (commits of a drive, claims, timers,
 * the walk, the outbox, values, signals: whatever names a table that holds runs in an INSERT, UPDATE or DELETE), before
 * it is sent and after its answer came and before anybody knows; the COMMIT of a transaction that wrote, likewise; and
 * every act of a body, before and after it writes to its ledger. They are counted by wrapping pg's client and the file
 * that acts are written to, so one that is new is counted by itself. What looks for work again and again (FOR UPDATE SKIP
 * LOCKED) counts once it found some, and beats, renewals, hints and audit do not count: their number depends on time.
 *
 * Here: a sample, the first, the last and every kind of statement. All of them: npm run matrix.
 */
test("crash matrix: killed at a sample of its boundaries, a run that uses every primitive ends as if nobody had died", { timeout: 600_000 }, async () => {
  const model = await undisturbed();
  expect(model.boundaries.length).toBeGreaterThan(250);
  const sample = spread(model.boundaries, 18);
  const killed = await killAtEach(model, sample);
  console.log(`${model.boundaries.length} boundaries of ${new Set(model.boundaries.map(kindOf)).size} kinds; killed at ${sample.length}`);
  expect(killed.filter(({ wrongs }) => wrongs.length > 0)).toEqual([]);
  // The last one may be missed by a run whose commits went together.
  expect(killed.filter(({ died }) => died).length).toBeGreaterThanOrEqual(sample.length - 1);
});

test("a boundary is a statement that writes for a run, whatever its name; what only reads, waits or beats is none", () => {
  expect(statementOf("BEGIN ISOLATION LEVEL READ COMMITTED")).toEqual({ is: "begin", name: "begin" });
  expect(statementOf({ text: "WITH c AS (SELECT 1) UPDATE tape.runs SET seq = 1", name: "tape_new" })).toEqual({ is: "write", name: "tape_new" });
  expect(statementOf('INSERT INTO tape."values" VALUES (1)')).toEqual({ is: "write", name: "insert values" });
  expect(statementOf("WITH c AS (SELECT id FROM tape.timers FOR UPDATE SKIP LOCKED) UPDATE tape.timers t SET claim = 1")).toEqual({ is: "poll", name: "update timers" });
  expect(statementOf("SELECT id FROM tape.runs FOR NO KEY UPDATE")).toBeUndefined();
  expect(statementOf("UPDATE tape.workers SET beat_at = tape.now()")).toBeUndefined();
  expect(statementOf({ text: "UPDATE tape.runs SET lease_expires_at = 1", name: "tape_renew" })).toBeUndefined();
});
