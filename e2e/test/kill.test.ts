import { getRun, listEffects, readJournal, startRun } from "@tape/store";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { openSystem, type System } from "../src/system.ts";
import { until } from "../src/until.ts";

let system: System;
afterEach(() => system.close());

async function startBatch(rows: number, delayMs = 0): Promise<string> {
  const csv = await readFile(path.resolve(import.meta.dirname, `../../apps/demo/data/payments-${rows}.csv`), "utf8");
  const input = { csv, limit: { amount: "99999999.00", currency: "EUR" }, delayMs };
  const { run } = await startRun(system.store, { app: "treasury", agent: "pay-batch", input, startedBy: "test" });
  return run.id;
}

const status = async (id: string) => (await getRun(system.store, { id })).status;

test("R1 a worker is killed right after the bank recorded a wire and before the outcome is written: one wire, PENDING before, CONFIRMED after, no decision asked twice", async () => {
  system = await openSystem();
  const bank = await system.bank();
  await system.worker({ config: "demo" }).then(async (worker) => {
    // The bank commits and does not answer: the worker is in the middle of the call when it dies.
    await fetch(`${String(bank.ready.url)}/fault`, { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify({ mode: "late-answer", times: 1, delayMs: 60_000 }) });
    const id = await startBatch(5);
    await until("the first wire is in the ledger", async () => (await system.ledger()).length >= 1);
    await worker.kill();
    const [pending] = (await listEffects(system.store, { runId: id })).items.filter(({ tool }) => tool === "wire");
    expect(pending).toMatchObject({ status: "PENDING" });
    await system.worker({ config: "demo" });
    await until("the run is completed", async () => (await status(id)) === "COMPLETED");
    const effects = (await listEffects(system.store, { runId: id, limit: 100 })).items.filter(({ tool }) => tool === "wire");
    expect(effects.map((effect) => effect.status)).toEqual(["CONFIRMED", "CONFIRMED", "CONFIRMED", "CONFIRMED", "CONFIRMED"]);
    const keys = (await system.ledger()).map(({ key }) => key);
    expect(keys).toHaveLength(5);
    expect(new Set(keys)).toEqual(new Set(effects.map(({ key }) => key)));
    const { items } = await readJournal(system.store, { runId: id, fromSeq: 0, limit: 1_000 });
    expect(items.filter((entry) => entry.kind === "decision" && entry.verb === "asked")).toHaveLength(1);
    expect(items.filter((entry) => entry.kind === "run" && entry.verb === "claimed").length).toBeGreaterThanOrEqual(2);
  });
});

test("R4 a worker is stopped past its lease and another takes the run over: every write of the first is refused, its body sees the abort, one outcome stands", async () => {
  system = await openSystem();
  const first = await system.worker({ leaseTtlMs: 3_000 });
  const { run } = await startRun(system.store, { app: "e2e", agent: "holding", input: { ms: 20_000 }, startedBy: "test" });
  const acts = async () => (await readFile(path.join(system.dir, "acts.log"), "utf8").catch(() => "")).split("\n").filter(Boolean);
  await until("the first body began", async () => (await acts()).length === 1);
  first.signal("SIGSTOP");
  const second = await system.worker({ leaseTtlMs: 60_000 });
  await until("the second body began", async () => (await acts()).some((line) => line.startsWith(`${second.pid} begin`)), 60_000);
  first.signal("SIGCONT");
  await until("the first body saw its signal aborted", async () => (await acts()).includes(`${first.pid} aborted`), 60_000);
  await until("the run is completed", async () => (await status(run.id)) === "COMPLETED", 60_000);
  const { items } = await readJournal(system.store, { runId: run.id, fromSeq: 0, limit: 1_000 });
  expect(items.filter((entry) => entry.kind === "effect" && entry.verb === "confirmed" && entry.payload.key.includes("/slow/"))).toHaveLength(1);
  // Nothing of the first driver stands after the other's claim but, at most, the outcome its body still brought (D12).
  const taken = items.findIndex((entry) => entry.kind === "run" && entry.verb === "claimed" && entry.payload.epoch === 2);
  const later = items.slice(taken + 1);
  expect(later.filter((entry) => entry.kind === "effect" && entry.verb === "intended").map(({ payload }) => (payload as { tool: string }).tool)).toEqual(["after"]);
  expect((await acts()).filter((line) => line.endsWith(" after"))).toHaveLength(1);
  expect(new Set(items.map(({ seq }) => seq)).size).toBe(items.length);
});
