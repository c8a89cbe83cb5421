import type { Run } from "@tape/core";
import { getRun, listTimers, listWorkers, readJournal, readVersions, sendSignal, setTimer } from "@tape/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aWire } from "../src/bank/testing.ts";
import type { Balances } from "../src/agents/reconcile-balances.ts";
import { ended, openWorld, until, type World } from "./testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const endOf = (runId: string): Promise<Run> => ended(world.store, runId);
const remindersOf = async (runId: string) => (await readJournal(world.store, { runId, limit: 1000 })).items.filter(({ kind, verb }) => kind === "effect" && verb === "confirmed").length;

describe("chase-invoice", () => {
  const invoice = { customer: "Acme GmbH", invoice: "R-1001", amount: { amount: "1240.00", currency: "EUR" } };

  test("the soft deadline cancels the run, with the reason it was set with", async () => {
    const runId = await world.startAgent("chase-invoice", { ...invoice, everyMs: 200, deadlineMs: 1_000 });
    expect(await endOf(runId)).toMatchObject({ status: "CANCELLED", cancelReason: "Acme GmbH did not pay 1,240.00 EUR of R-1001 in time", cancelledBy: "sdk:treasury" });
    await until(world.store, runId, ({ settledAt }) => settledAt !== null);
    expect(await remindersOf(runId)).toBeGreaterThan(1);
    const { items } = await readJournal(world.store, { runId, limit: 1000 });
    const cancelledAt = items.findIndex(({ kind, verb }) => kind === "run" && verb === "cancelled");
    expect(items.slice(cancelledAt).filter(({ kind, verb }) => kind === "run" && verb === "claimed")).toEqual([]);
  });

  test("money that comes first ends the run well, and disarms the deadline", async () => {
    const runId = await world.startAgent("chase-invoice", { ...invoice, deadlineMs: 600_000 });
    await until(world.store, runId, ({ status }) => status === "WAITING");
    await sendSignal(world.store, { runId, name: "paid", payload: { by: "BNK-1" }, by: "test" });
    expect(await endOf(runId)).toMatchObject({ status: "COMPLETED", output: { title: "Acme GmbH paid 1,240.00 EUR", reminders: 1, paidBy: "BNK-1" } });
    expect((await listTimers(world.store, { runId })).find(({ id }) => id === "soft-deadline")).toMatchObject({ status: "CANCELLED" });
  });

  test("another timer of the kind redrive only drives the run again", async () => {
    const runId = await world.startAgent("chase-invoice", { ...invoice, deadlineMs: 600_000 });
    const parked = await until(world.store, runId, ({ status }) => status === "WAITING");
    await setTimer(world.store, { runId, id: "again", kind: "redrive", inMs: 0, by: "test" });
    await until(world.store, runId, ({ status, seq }) => status === "WAITING" && seq > parked.seq + 2);
    expect(await remindersOf(runId)).toBe(1);
    await sendSignal(world.store, { runId, name: "paid", by: "test" });
    expect((await endOf(runId)).status).toBe("COMPLETED");
  });
});

describe("reconcile-balances", () => {
  const published = async () => (await readVersions(world.store, { namespace: "treasury", key: "balances", after: 0, limit: 500 })).map(({ value }) => value as Balances);
  const untilPublished = async (isSo: (all: Balances[]) => boolean) => {
    for (const deadline = Date.now() + 15_000; ; ) {
      const all = await published();
      if (isSo(all)) return all;
      if (Date.now() > deadline) throw new Error(`published so far: ${JSON.stringify(all)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  test("T1 the timer re-arms itself and publishes the ledger's sums, until the run is told to stop", async () => {
    const runId = await world.startAgent("reconcile-balances", { everyMs: 150 });
    await untilPublished((all) => all.length >= 2);
    const wire = await world.client.sendWire("by-test", aWire);
    await untilPublished((all) => all.at(-1)?.lines === 1);
    await world.client.reverseWire("by-test/undo/1", wire.id);
    const all = await untilPublished((each) => each.at(-1)?.lines === 2);
    expect(all[0]).toMatchObject({ wired: [], returned: [], lines: 0 });
    expect(all.at(-1)).toMatchObject({ wired: [aWire.amount], returned: [aWire.amount] });

    await sendSignal(world.store, { runId, name: "stop", by: "test" });
    expect(await endOf(runId)).toMatchObject({ status: "COMPLETED", output: { lines: 2 } });
    expect((await listTimers(world.store, { runId })).map(({ id, status }) => [id, status])).toEqual([["tick", "CANCELLED"]]);
    const { seq } = await getRun(world.store, { id: runId });
    expect((await readJournal(world.store, { runId, fromSeq: seq - 1 })).items).toMatchObject([{ kind: "run" }]);
  });

  test("a bank that is away is looked at again, and the timer goes on", async () => {
    const before = (await published()).length;
    await world.bank.close();
    const runId = await world.startAgent("reconcile-balances", { everyMs: 100 });
    await until(world.store, runId, ({ seq }) => seq > 10);
    expect((await listTimers(world.store, { runId }))[0]).toMatchObject({ status: "ARMED", attempts: 0, lastError: null });
    expect(await published()).toHaveLength(before);
    await sendSignal(world.store, { runId, name: "stop", by: "test" });
    expect((await endOf(runId)).status).toBe("COMPLETED");
  });
});

test("the worker says what it can undo, and which timers it handles", async () => {
  const { rows } = await world.store.pool.query<{ tool: string; can: string }>("SELECT tool, can FROM tape.worker_tools ORDER BY can, tool");
  expect(rows).toEqual(expect.arrayContaining([{ tool: "reverse-wire", can: "compensate" }, { tool: "reconcile-balances", can: "timer" }]));
  expect((await listWorkers(world.store))[0]?.agents.map(({ agent }) => agent).sort()).toEqual(["chase-invoice", "pay-batch", "reconcile-balances"]);
});
