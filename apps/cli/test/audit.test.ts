import type { AuditRecord, Page } from "@tape/core";
import { appendAudit, inTransaction, sealAudit } from "@tape/store";
import { makeRun, openTestStore, type TestStore } from "@tape/store/testing";
import { beforeEach, expect, test } from "vitest";
import { startApi } from "./testing/api.ts";
import { tape as tapeIn, type Ended } from "./testing/tape.ts";

let store: TestStore;
const tape = (...args: string[]): Promise<Ended> => tapeIn({ DATABASE_URL: store.database.url }, "audit", ...args);

beforeEach(async () => {
  store = await openTestStore();
  return () => store.close();
});

const did = (action: string, target: string, fields: { runId?: string; details?: unknown } = {}) =>
  inTransaction(store, (tx) => appendAudit(tx, { actor: "user:ann@example.com", action, target, ...fields }));

test("audit list says who did what, the latest first, of one run if asked, in pages", async () => {
  expect(await tape("list")).toMatchObject({ code: 0, out: "", err: "Nobody has done anything.\n" });
  const run = await makeRun(store);
  await did("token.create", "tok_1");
  await did("run.cancel", run.id, { runId: run.id, details: { reason: "wrong\u001b[31m file" } });
  const { code, out } = await tape("list");
  expect(code).toBe(0);
  expect(out.split("\n")[1]).toMatch(/user:ann@example\.com +run\.cancel +run_\w+ +wrong.* file/);
  expect(out).not.toContain("\u001b");
  expect(out.split("\n")[2]).toContain("tok_1");
  const ofRun = JSON.parse((await tape("list", "--run", run.id, "--json")).out) as Page<AuditRecord>;
  expect(ofRun.items.map(({ action }) => action)).toEqual(["run.cancel"]);
  const first = JSON.parse((await tape("list", "--limit", "1", "--json")).out) as Page<AuditRecord>;
  const second = await tape("list", "--limit", "1", "--cursor", first.nextCursor!);
  expect(second.out).toContain("token.create");
});

test("audit verify: 0 while the chain holds, and it names what is not sealed yet", async () => {
  expect(await tape("verify")).toMatchObject({ code: 0, out: "The chain holds: 0 records from the first on.\n" });
  for (let n = 0; n < 3; n++) await did("gate.approve", `gate_${n}`);
  await sealAudit(store);
  expect(await tape("verify")).toMatchObject({ code: 0, out: "The chain holds: 3 records from the first on.\n" });
  await did("gate.reject", "gate_9");
  const { rows } = await store.pool.query<{ id: string }>("SELECT id FROM tape.audit WHERE position IS NULL");
  const { code, out } = await tape("verify");
  expect(code).toBe(0);
  expect(out).toContain("Not sealed yet");
  expect(out).toContain(rows[0]!.id);
  expect(JSON.parse((await tape("verify", "--json")).out)).toEqual({ verified: 3, brokenAt: null, brokenId: null, unsealed: [rows[0]!.id] });
});

test("audit verify: 2 when a record was changed or taken out, naming the first", async () => {
  for (let n = 0; n < 5; n++) await did("gate.approve", `gate_${n}`);
  await sealAudit(store);
  await store.pool.query("ALTER TABLE tape.audit DISABLE TRIGGER audit_append_only");
  const { rows } = await store.pool.query<{ id: string }>("UPDATE tape.audit SET actor = 'user:mallory' WHERE position = 3 RETURNING id");
  const changed = await tape("verify");
  expect(changed.code).toBe(2);
  expect(changed.out).toContain(`The chain is broken at record 3 (${rows[0]!.id})`);
  await store.pool.query("DELETE FROM tape.audit WHERE position = 2");
  const missing = await tape("verify", "--json");
  expect(missing.code).toBe(2);
  expect(JSON.parse(missing.out)).toMatchObject({ verified: 1, brokenAt: 2, brokenId: null });
});

test("with TAPE_URL audit list asks the API, and verify says where it can be done", async () => {
  const record: AuditRecord = { id: "aud_1", at: "2026-11-24T10:00:00.000Z", actor: "token:ci", action: "run.cancel", target: "run_1", runId: "run_1", details: {}, position: 1 };
  const api = await startApi({ "GET /api/v1/audit": { items: [record], nextCursor: null } });
  const far = (...args: string[]) => tapeIn({ TAPE_URL: api.url, TAPE_TOKEN: "secret" }, "audit", ...args);
  expect((await far("list", "--run", "run_1")).out).toContain("token:ci");
  expect(api.asked[0]).toMatchObject({ path: "/api/v1/audit", query: { runId: ["run_1"], limit: ["50"] } });
  expect(await far("verify")).toMatchObject({ code: 64, err: expect.stringContaining("without TAPE_URL") });
  await api.close();
});
