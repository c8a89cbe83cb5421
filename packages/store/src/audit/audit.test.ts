import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestStore, type TestStore } from "../testing/index.ts";
import { inTransaction } from "../transaction.ts";
import { appendAudit } from "./append.ts";
import { LINK_COLUMNS, linkHash, type Link } from "./chain.ts";
import { listAudit } from "./list.ts";
import { sealAudit } from "./seal.ts";
import { verifyAudit } from "./verify.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

const write = (count: number) =>
  inTransaction(store, async (tx) => {
    for (let n = 0; n < count; n++) await appendAudit(tx, { actor: "user:ann@example.com", action: "gate.approve", target: `gate_${n}`, details: { n } });
  });

/** As somebody with the database's password would. */
async function tamper(sql: string): Promise<void> {
  await store.pool.query(`ALTER TABLE tape.audit DISABLE TRIGGER audit_append_only; ${sql}; ALTER TABLE tape.audit ENABLE TRIGGER audit_append_only`);
}

test("rows are chained in the order of their commit, in any number of calls, and the chain holds", async () => {
  await write(5);
  expect(await verifyAudit(store)).toMatchObject({ verified: 0, brokenAt: null, unsealed: { length: 5 } });
  expect(await sealAudit(store, { limit: 3 })).toEqual({ sealed: 3, more: true });
  expect(await sealAudit(store, { limit: 3 })).toEqual({ sealed: 2, more: false });
  await write(2);
  expect(await verifyAudit(store)).toMatchObject({ verified: 5, brokenAt: null, unsealed: { length: 2 } });
  await sealAudit(store);
  expect(await sealAudit(store)).toEqual({ sealed: 0, more: false });
  expect(await verifyAudit(store)).toEqual({ verified: 7, brokenAt: null, brokenId: null, unsealed: [] });
});

test("many sealers at once, while people write: every row has one place, without a gap", async () => {
  const writers = Promise.all(Array.from({ length: 20 }, () => write(5)));
  const seal = async () => {
    for (let turn = 0; turn < 15; turn++) await sealAudit(store, { limit: 7 });
  };
  await Promise.all([seal(), seal(), seal(), writers]);
  while ((await sealAudit(store)).sealed > 0);
  expect(await verifyAudit(store)).toEqual({ verified: 100, brokenAt: null, brokenId: null, unsealed: [] });
});

test.each([
  ["a row that was changed", "UPDATE tape.audit SET details = '{}' WHERE position = 4", 4],
  ["a row that was taken out", "DELETE FROM tape.audit WHERE position = 4", 4],
  ["the first row taken out", "DELETE FROM tape.audit WHERE position = 1", 1],
  ["an instant moved by a microsecond", "UPDATE tape.audit SET at = at + interval '1 microsecond' WHERE position = 4", 4],
  ["two rows that changed places", "UPDATE tape.audit SET position = CASE position WHEN 4 THEN -4 ELSE -5 END WHERE position IN (4, 5); UPDATE tape.audit SET position = CASE position WHEN -4 THEN 5 ELSE 4 END WHERE position < 0", 4],
])("%s breaks the chain there", async (_, sql, brokenAt) => {
  await write(8);
  await sealAudit(store);
  await tamper(sql);
  expect(await verifyAudit(store)).toMatchObject({ verified: brokenAt - 1, brokenAt });
});

test("a row that was changed together with its own hash breaks the chain at the next", async () => {
  await write(8);
  await sealAudit(store);
  const { rows } = await store.pool.query<{ hash: Buffer }>("SELECT hash FROM tape.audit WHERE position = 3");
  const row = (await store.pool.query<Link>(`SELECT ${LINK_COLUMNS} FROM tape.audit WHERE position = 4`)).rows[0]!;
  const forged = linkHash(rows[0]!.hash, 4, { ...row, actor: "user:eve@example.com" });
  await tamper(`UPDATE tape.audit SET actor = 'user:eve@example.com', hash = '\\x${forged.toString("hex")}' WHERE position = 4`);
  expect(await verifyAudit(store)).toMatchObject({ verified: 4, brokenAt: 5 });
});

test("while one seals, another does nothing and does not wait", async () => {
  await write(2);
  const client = await store.pool.connect();
  await client.query("BEGIN");
  await client.query("SELECT pg_advisory_xact_lock(hashtext('tape audit sealer'))");
  expect(await sealAudit(store)).toEqual({ sealed: 0, more: false });
  await client.query("COMMIT");
  client.release();
  expect(await sealAudit(store)).toEqual({ sealed: 2, more: false });
});

test("the log refuses to be changed, sealed or not", async () => {
  await write(2);
  await sealAudit(store, { limit: 1 });
  for (const sql of ["UPDATE tape.audit SET actor = 'x'", "DELETE FROM tape.audit", "UPDATE tape.audit SET hash = '\\x00' WHERE position = 1"]) {
    await expect(store.pool.query(sql)).rejects.toThrow("append-only");
  }
});

test("the log is read in pages, the latest first, also of one run", async () => {
  await write(7);
  await inTransaction(store, (tx) => appendAudit(tx, { actor: "cli:root@host", action: "run.redrive", target: "run_00000000000000000000000000", runId: "run_00000000000000000000000000", details: { reason: "again" } }));
  const targets: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listAudit(store, { limit: 3, ...(cursor && { cursor }) });
    targets.push(...page.items.map(({ target }) => target));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(targets).toEqual(["run_00000000000000000000000000", ...[6, 5, 4, 3, 2, 1, 0].map((n) => `gate_${n}`)]);
  const { items } = await listAudit(store, { runId: "run_00000000000000000000000000" });
  expect(items).toMatchObject([{ actor: "cli:root@host", details: { reason: "again" }, position: null }]);
});
