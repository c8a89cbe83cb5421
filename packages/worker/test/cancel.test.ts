import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { RunCancelled, type EffectContext } from "@tape/sdk";
import { makeEffect } from "@tape/store/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../src/testing/until.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const WHY = { reason: "wrong file" };

/** An agent that acts in a body which a test ends, asks its model, and acts again; and what was called. */
function batch({ tape }: World) {
  const seen = { calls: 0, models: 0, context: null as EffectContext | null, finish: (_: unknown): void => {} };
  const wire = tape.effect<number, unknown>("wire", { compensate: async () => null }, async (ctx) => {
    seen.calls += 1;
    seen.context = ctx;
    return await new Promise((resolve) => (seen.finish = resolve));
  });
  const agent = tape.agent("batch", async (run) => {
    await wire(run, 1);
    await run.decide("next", { model: "test", request: null }, async () => ++seen.models);
    await wire(run, 2);
  });
  return { agent, seen };
}

const settled = (runId: string) => until(async () => (await world.tape.getRun(runId)).settledAt, { what: `${runId} being settled` });

test("C1 cancel of a run that waits, or that nobody has begun: CANCELLED and settled at once, its gates and timers with it", async () => {
  const { tape, store } = world;
  const ask = tape.gateTool("cfo-approval", { timeoutMs: 3_600_000 });
  const agent = tape.agent("asker", async (run) => await Promise.race([ask(run, { total: 12 }), run.sleep(3_600_000)]));
  const { id: queued } = await tape.start(agent, null);
  await tape.cancelRun(queued, WHY);
  const worker = world.worker([agent]);
  await worker.start();
  const { id: waiting } = await tape.start(agent, null);
  await world.reaches(waiting, "WAITING");

  await tape.cancelRun(waiting, WHY);
  for (const id of [queued, waiting]) expect(await tape.getRun(id)).toMatchObject({ status: "CANCELLED", settledAt: expect.any(String), lease: null, cancelReason: "wrong file" });
  expect((await store.pool.query("SELECT status FROM tape.gates")).rows).toEqual([{ status: "CANCELLED" }]);
  expect((await store.pool.query("SELECT DISTINCT status FROM tape.timers")).rows).toEqual([{ status: "CANCELLED" }]);
  expect(await world.journal(queued)).toEqual(["run.started", "run.cancelled"]);
});

test("C2 cancel in a tool body: CANCELLED and its signal aborted at once; a body that ignores it returns, its outcome and obligation are recorded, nothing else is called", async () => {
  const { agent, seen } = batch(world);
  const worker = world.worker([agent]);
  await worker.start();
  const { id } = await world.tape.start(agent, null);
  await until(() => seen.context);

  await world.tape.cancelRun(id, WHY);
  // The lease is renewed every 40 s at the soonest: that it hears of it so early is the hint's doing.
  await until(() => seen.context?.signal.aborted, { what: "the signal being aborted" });
  await until(async () => (await world.tape.getRun(id)).cancelNoticedAt, { what: "the cancellation being noticed" });
  expect(await seen.context?.isCancelled()).toBe(true);
  expect(await world.tape.getRun(id)).toMatchObject({ status: "CANCELLED", settledAt: null, lease: { owner: worker.id } });
  expect(worker.stats().executor.running).toBe(1);

  seen.finish({ wireId: "w1" });
  await settled(id);
  expect(await world.tape.getRun(id)).toMatchObject({ status: "CANCELLED", lease: null, unsettled: 0 });
  expect(await world.effects(id)).toMatchObject([{ status: "CONFIRMED", response: { wireId: "w1" } }]);
  expect(await world.obligations(id)).toMatchObject([{ status: "REGISTERED", kind: "wire/undo" }]);
  await until(() => worker.stats().executor.running === 0);
  expect(seen).toMatchObject({ calls: 1, models: 0 });
  expect(worker.stats().executor.results).toMatchObject({ ended: 1, lost: 0 });
});

test("C3 a body that throws RunCancelled: the effect is FAILED with reason cancelled", async () => {
  const { tape } = world;
  let isAtWork = false;
  const wire = tape.effect("wire", async (ctx) => {
    isAtWork = true;
    await until(() => ctx.isCancelled());
    throw new RunCancelled();
  });
  const agent = tape.agent("careful", async (run) => wire(run, null));
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await until(() => isAtWork);
  await tape.cancelRun(id, WHY);
  await settled(id);
  expect(await world.effects(id)).toMatchObject([{ status: "FAILED", error: { name: "RunCancelled" } }]);
  const { items } = await tape.readJournal(id, { limit: 100 });
  expect(items.find(({ kind, verb }) => kind === "effect" && verb === "failed")?.payload).toMatchObject({ reason: "cancelled" });
});

test("C4 cancelled before anybody noticed, and its worker is gone: the next one ends it at once, nothing is called", async () => {
  const { agent, seen } = batch(world);
  const { id } = await world.tape.start(agent, null);
  await world.driveAndVanish(agent);
  await until(() => seen.context);
  await world.tape.cancelRun(id, WHY);
  await world.loseLease(id);
  const worker = world.worker([agent]);
  await worker.start();
  await settled(id);
  expect(seen).toMatchObject({ calls: 1, models: 0 });
  expect(await world.tape.getRun(id)).toMatchObject({ status: "CANCELLED" });
  expect(worker.stats().executor.replayed).toBe(0);
});

test("C8 cancelling does not compensate: obligations stay REGISTERED, though walks of other runs are made", async () => {
  const { tape } = world;
  const undone: string[] = [];
  const wire = tape.effect("wire", { compensate: async ({ runId }) => void undone.push(runId) }, async () => ({ wireId: "w" }));
  const agent = tape.agent("pair", async (run) => {
    await wire(run, 1);
    await wire(run, 2);
    await tape.awaitSignal(run, "go");
  });
  await world.worker([agent]).start();
  const [{ id: cancelled }, { id: undo }] = [await tape.start(agent, null), await tape.start(agent, null)];
  for (const id of [cancelled, undo]) {
    await world.reaches(id, "WAITING");
    await tape.cancelRun(id, WHY);
  }
  await tape.compensateRun(undo, WHY);
  await world.reaches(undo, "COMPENSATED");
  expect(undone).toEqual([undo, undo]);
  expect((await world.obligations(cancelled)).map(({ status }) => status)).toEqual(["REGISTERED", "REGISTERED"]);
  expect(await tape.getRun(cancelled)).toMatchObject({ status: "CANCELLED" });
});

test("C9 cancelled, and its worker vanishes before it noticed: settled by recovery, what it had begun is UNKNOWN or FAILED, and compensation can start", async () => {
  const { tape } = world;
  const undone: unknown[] = [];
  let isAtBank = false;
  const wire = tape.effect<null, string>("wire", { statusCheck: async () => ({ status: "confirmed", result: "w1" }), compensate: async (_, { result }) => void undone.push(result) }, async () => {
    isAtBank = true;
    return await new Promise(() => {});
  });
  const agent = tape.agent("pay", async (run) => wire(run, null));
  const { id } = await tape.start(agent, null);
  await world.driveAndVanish(agent);
  await until(() => isAtBank);
  const unsent = await makeEffect(world.store, id, { status: "PENDING", tool: "mail", dispatch: "OUTBOX" });
  await tape.cancelRun(id, WHY);
  expect(await tape.getRun(id)).toMatchObject({ status: "CANCELLED", settledAt: null });
  await tape.compensateRun(id, WHY);
  await world.loseLease(id);

  await world.worker([agent]).start();
  await world.reaches(id, "COMPENSATED");
  expect(undone).toEqual(["w1"]);
  const effects = await world.effects(id);
  expect(effects.find((effect) => effect.id === unsent.id)).toMatchObject({ status: "FAILED" });
  expect(effects.find(({ tool }) => tool === "wire")).toMatchObject({ status: "CONFIRMED", response: "w1" });
  const journal = await world.journal(id);
  expect(journal.indexOf("effect.unknown")).toBeLessThan(journal.indexOf("run.settled"));
  expect(journal.indexOf("run.settled")).toBeLessThan(journal.indexOf("run.walk_claimed"));
});

test("C10 a fetch that cancel aborts after the bank took the wire: UNKNOWN, settled by statusCheck to CONFIRMED with its obligation", async () => {
  const { tape } = world;
  const ledger: string[] = [];
  const bank = createServer((request) => void ledger.push(String(request.headers["idempotency-key"])));
  await new Promise<void>((resolve) => bank.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(bank.address() as AddressInfo).port}`;
  let isAnswering = false;
  const wire = tape.effect<null, { wireId: string }>(
    "wire",
    {
      compensate: async () => null,
      statusCheck: async ({ key }) => (!isAnswering ? { status: "inconclusive" } : ledger.includes(key) ? { status: "confirmed", result: { wireId: "w1" } } : { status: "absent" }),
    },
    async ({ key, signal }) => {
      await fetch(url, { method: "POST", signal, headers: { "idempotency-key": key } });
      return { wireId: "w1" };
    },
  );
  const agent = tape.agent("pay", async (run) => wire(run, null));
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await until(() => ledger.length === 1);
  try {
    await tape.cancelRun(id, WHY);
    await settled(id);
    expect(await world.effects(id)).toMatchObject([{ status: "UNKNOWN" }]);
    expect(await tape.getRun(id)).toMatchObject({ status: "CANCELLED", unsettled: 1 });

    isAnswering = true;
    await until(async () => (await world.effects(id))[0]?.status === "CONFIRMED");
    expect(await world.obligations(id)).toMatchObject([{ status: "REGISTERED", kind: "wire/undo" }]);
    expect(await tape.getRun(id)).toMatchObject({ status: "CANCELLED", unsettled: 0 });
    expect(ledger).toHaveLength(1);
  } finally {
    bank.closeAllConnections();
    bank.close();
  }
});

test("a stop while a cancelled run drains lets its body finish, settles it and holds nothing back", async () => {
  const { agent, seen } = batch(world);
  const worker = world.worker([agent]);
  await worker.start();
  const { id } = await world.tape.start(agent, null);
  await until(() => seen.context);
  await world.tape.cancelRun(id, WHY);
  await until(() => seen.context?.signal.aborted);
  const stopping = worker.stop();
  seen.finish("w1");
  await stopping;
  expect(await world.tape.getRun(id)).toMatchObject({ status: "CANCELLED", settledAt: expect.any(String), lease: null });
  expect(await world.effects(id)).toMatchObject([{ status: "CONFIRMED" }]);
});

test("a stop that does not wait for the body of a cancelled run leaves it settled, what it did UNKNOWN", async () => {
  const { agent, seen } = batch(world);
  const worker = world.worker([agent], { graceMs: 50 });
  await worker.start();
  const { id } = await world.tape.start(agent, null);
  await until(() => seen.context);
  await world.tape.cancelRun(id, WHY);
  await until(() => seen.context?.signal.aborted);
  await worker.stop();
  expect(await world.tape.getRun(id)).toMatchObject({ status: "CANCELLED", lease: null });
  expect(await world.effects(id)).toMatchObject([{ status: "UNKNOWN" }]);
});
