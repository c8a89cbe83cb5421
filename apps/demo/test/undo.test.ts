import { execFile } from "node:child_process";
import path from "node:path";
import { timeline, type ValueChange } from "@tape/core";
import { cancelRun, compensateRun, compensationPlan, decideGate, getRun, listEffects, listObligations, readJournal, readVersions, resolveObligation } from "@tape/store";
import { actors } from "@tape/store/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readLedger } from "../src/bank/ledger.ts";
import { isReversal } from "../src/bank/wire.ts";
import { prove } from "../src/proof/prove.ts";
import { ended, openGate, openWorld, shipped, until, type World } from "./testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({ approvalMs: 600, leaseTtlMs: 1_000 });
});
afterAll(() => world.close());
afterEach(async () => {
  await world.client.setFault({ mode: "none" });
  expect((await prove(world.store, world.place.ledgerFile)).differences).toEqual([]);
});

const actor = actors.operator;
const linesOf = async (runId: string) => (await readLedger(world.place.ledgerFile)).filter(({ key }) => key.startsWith(runId));
const progressOf = (runId: string): Promise<ValueChange[]> => readVersions(world.store, { namespace: `runs/${runId}`, key: "progress", after: 0, limit: 500 });
const isUndone = (runId: string) => until(world.store, runId, ({ status }) => status === "COMPENSATED", 30_000);

test("O2 a batch that was paid is reversed wire by wire, newest first, and its ledger equals the journal", async () => {
  const runId = await world.start({ csv: await shipped("payments-3.csv") });
  await ended(world.store, runId);
  const plan = await compensationPlan(world.store, { id: runId });
  expect(plan).toMatchObject({ refusal: null, totals: [{ amount: "1696.55", currency: "EUR", count: 3 }], withoutAmount: 0 });
  expect(plan.items.map(({ obligation, hasWorker }) => [obligation.kind, obligation.summary, hasWorker])).toEqual([
    ["reverse-wire", "Reverse BNK-000003: 1,180.40 EUR back from Liffey Software Ltd", true],
    ["reverse-wire", "Reverse BNK-000002: 420.00 EUR back from Nordlicht AG", true],
    ["reverse-wire", "Reverse BNK-000001: 96.15 EUR back from Brabant Print BV", true],
  ]);

  await compensateRun(world.store, { id: runId, reason: "paid last month", actor });
  await isUndone(runId);
  const lines = await linesOf(runId);
  expect(lines.filter(isReversal).map(({ reverses }) => reverses)).toEqual(["BNK-000003", "BNK-000002", "BNK-000001"]);
  expect(lines.filter(isReversal).map(({ key }) => key)).toEqual([3, 2, 1].map((n) => `${runId}//d1/wire/${n}/undo/1`));
  expect(await prove(world.store, world.place.ledgerFile)).toMatchObject({ equal: true, reversed: 3, compensated: 3 });
});

test("O6 a reversal whose answer got lost is asked for again under its key, and booked once", async () => {
  const runId = await world.start({ csv: await shipped("payments-3.csv") });
  await ended(world.store, runId);
  await world.client.setFault({ mode: "lost-ack", on: "reversals", times: 1 });
  await compensateRun(world.store, { id: runId, reason: "paid last month", actor });
  await isUndone(runId);
  expect((await linesOf(runId)).filter(isReversal)).toHaveLength(3);
  const { items } = await readJournal(world.store, { runId, limit: 1000 });
  expect(items.filter(({ kind, verb }) => kind === "obligation" && verb === "attempt_failed")).toHaveLength(1);
});

test("C8 a batch that is cancelled between two wires keeps what it paid, sends nothing more, and reverses only that", async () => {
  const runId = await world.start({ csv: await shipped("payments-200.csv"), limit: { amount: "500000.00", currency: "EUR" }, delayMs: 1_500 });
  await until(world.store, runId, ({ progress }) => (progress?.done ?? 0) >= 1);
  await cancelRun(world.store, { id: runId, reason: "wrong month", actor });
  const run = await until(world.store, runId, ({ settledAt }) => settledAt !== null);
  expect(run).toMatchObject({ status: "CANCELLED", cancelReason: "wrong month" });
  const paid = (await linesOf(runId)).length;
  expect(paid).toBe(1);
  const wires = (await listEffects(world.store, { runId, limit: 200 })).items.filter(({ tool }) => tool === "wire");
  expect(wires.filter(({ status }) => status === "CONFIRMED")).toHaveLength(paid);
  // The one that was held back certainly did not happen.
  for (const wire of wires.slice(paid)) expect(wire).toMatchObject({ status: "FAILED", error: { name: "RunCancelled" } });
  expect((await listObligations(world.store, { runId })).items.every(({ status }) => status === "REGISTERED")).toBe(true);

  await compensateRun(world.store, { id: runId, reason: "wrong month", actor });
  await isUndone(runId);
  expect((await linesOf(runId)).filter(isReversal)).toHaveLength(paid);
});

test("O5 a bank that refuses to reverse makes the walk STUCK; retry goes on where it stopped", { timeout: 60_000 }, async () => {
  const runId = await world.start({ csv: await shipped("payments-3.csv") });
  await ended(world.store, runId);
  await world.client.setFault({ mode: "error", on: "reversals", match: "nordlicht" });
  await compensateRun(world.store, { id: runId, reason: "paid last month", actor });
  await until(world.store, runId, ({ status }) => status === "STUCK", 40_000);
  expect((await linesOf(runId)).filter(isReversal)).toHaveLength(1);
  const { items } = await listObligations(world.store, { runId });
  const stuck = items.find(({ status }) => status === "STUCK");
  expect(stuck).toMatchObject({ attempts: 5, lastError: expect.stringContaining("booking system is down") });

  await world.client.setFault({ mode: "none" });
  await resolveObligation(world.store, { id: stuck?.id ?? "", outcome: "retry", reason: "the bank is back", actor });
  await isUndone(runId);
});

test("C7 a bank slower than the lease: the wire heartbeats, and nobody takes the run over", async () => {
  await world.client.setFault({ mode: "slow", delayMs: 3_000, times: 1 });
  const runId = await world.start({ csv: await shipped("payments-3.csv") });
  await ended(world.store, runId);
  const { items } = await readJournal(world.store, { runId, limit: 1000 });
  expect(items.filter(({ kind, verb }) => kind === "run" && verb === "claimed")).toHaveLength(1);
});

test("V4 the bar moves with each payment and ends full", async () => {
  const runId = await world.start({ csv: await shipped("payments-3.csv") });
  expect((await ended(world.store, runId)).progress).toEqual({ done: 3, total: 3, label: "Liffey Software Ltd" });
  expect((await progressOf(runId)).map(({ value }) => (value as { done: number }).done)).toEqual([0, 1, 2, 3]);
});

test("G3 when the CFO does not decide in time, the backup approver is asked the same, and the late CFO is told", async () => {
  const runId = await world.start({ csv: await shipped("payments-5.csv"), file: "payments-5.csv" });
  const first = await openGate(world.store, runId, "cfo-approval");
  expect(first.display?.onExpiry).toBe("The backup approver is asked.");
  const second = await openGate(world.store, runId, "backup-approval");
  expect(second).toMatchObject({ deadlineAt: null, payload: first.payload, display: { title: "Pay 5 invoices, 18,420.50 EUR" } });
  await expect(decideGate(world.store, { id: first.id, outcome: "approved", fingerprint: first.fingerprint, actor: actors.approver })).rejects.toMatchObject({ code: "already_decided" });
  await decideGate(world.store, { id: second.id, outcome: "approved", fingerprint: second.fingerprint, actor: actors.approver });
  expect(await ended(world.store, runId)).toMatchObject({ status: "COMPLETED", output: { outcome: "paid", paid: 5 } });
  const sentences = timeline((await readJournal(world.store, { runId, limit: 1000 })).items).map(({ sentence }) => sentence);
  expect(sentences.join("\n")).toContain("Pay 5 invoices");
});

test("the seed makes its runs once, one of them cancelled and reversed; again it changes nothing", { timeout: 60_000 }, async () => {
  const first = await seed();
  expect(first).toMatch(/demo-finished: run_\w+\ndemo-approval: run_\w+\ndemo-slow: run_\w+\ndemo-undone: run_\w+\n/);
  const [, undoneId = ""] = /demo-undone: (run_\w+)/.exec(first) ?? [];
  const undone = await isUndone(undoneId);
  expect(undone).toMatchObject({ endedAs: "CANCELLED", cancelReason: "last month's file" });
  expect((await linesOf(undoneId)).filter(isReversal).length).toBeGreaterThan(0);

  expect((await seed()).match(/was there/g)).toHaveLength(4);
  expect((await getRun(world.store, { id: undoneId })).seq).toBe(undone.seq);

  const [, slowId = ""] = /demo-slow: (run_\w+)/.exec(first) ?? [];
  const before = (await getRun(world.store, { id: slowId })).progress?.done ?? 0;
  await until(world.store, slowId, ({ progress }) => (progress?.done ?? 0) > before);
  await cancelRun(world.store, { id: slowId, reason: "the test is over", actor });
  await until(world.store, slowId, ({ settledAt }) => settledAt !== null);
});

/** As `npm start` runs it. */
function seed(): Promise<string> {
  const env = { ...process.env, DATABASE_URL: world.store.database.url, TAPE_DIR: world.place.dir, BANK_URL: "" };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ["--import", "tsx", path.join(import.meta.dirname, "..", "src", "seed", "main.ts")], { env, cwd: path.join(import.meta.dirname, "..") }, (error, out, err) => {
      if (error) reject(new Error(`${error.message}\n${err}`));
      else resolve(out);
    });
  });
}
