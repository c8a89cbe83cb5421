import { decideGate, getGate, getRun, listGates, readJournal, sendSignal, startRun } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTape, replayJournal } from "../src/index.ts";
import { claim, driveOf, driveOnce, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const approver = { id: "user:ann@example.com", email: "ann@example.com", role: "approver" } as const;

async function start(agent: { app: string; name: string }, input: unknown = {}) {
  const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input, startedBy: "user:ann@example.com" });
  return run;
}

test("an agent is driven from start to end, and every step is in its journal", async () => {
  const tape = createTape({ app: "drive" });
  const wire = tape.effect("wire", { summary: (input: { to: string }, result?: { ref: string }) => `Wire to ${input.to}${result ? ` as ${result.ref}` : ""}` }, (ctx, input) => ({ ref: `${input.to}:${ctx.key.split("/").at(-1)}` }));
  const agent = tape.agent<{ names: string[] }, string[]>("whole", async (run, input) => {
    const plan = await run.decide("plan", { model: "scripted", request: { names: input.names } }, () => ({ order: input.names, usage: { inputTokens: 7, outputTokens: 3 } }));
    const done: string[] = [];
    for (const to of plan.order) done.push((await wire(run, { to })).ref);
    return done;
  });
  const run = await start(agent, { names: ["acme", "bolt"] });
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  const after = await getRun(world.store, { id: run.id });
  expect(after).toMatchObject({ status: "COMPLETED", output: ["acme:1", "bolt:2"], unsettled: 0, lease: null });
  expect(after.budget.spentTokens).toBe(10);
  const { items } = await readJournal(world.store, { runId: run.id, fromSeq: 0 });
  expect(items.map(({ seq }) => seq)).toEqual(items.map((_, place) => place + 1));
  expect(items.map(({ kind, verb }) => `${kind}.${verb}`)).toEqual([
    "run.started", "run.claimed", "decision.asked", "decision.answered", "effect.intended", "effect.confirmed", "effect.intended", "effect.confirmed", "run.completed",
  ]);
});

test("a gate parks the run, and its approval goes on with the same coroutine or with a replay", async () => {
  const tape = createTape({ app: "gates" });
  let models = 0;
  const cfo = tape.gateTool<{ total: string }>("cfo", { display: ({ total }) => ({ title: `Pay ${total}` }) });
  const agent = tape.agent<object, string | null>("gated", async (run) => {
    await run.decide("plan", { model: "m", request: {} }, () => ++models);
    const approval = await cfo(run, { total: "10.00" });
    return approval.comment;
  });
  for (const kept of [true, false]) {
    const run = await start(agent);
    const drive = driveOf(world, agent, await claim(world, agent));
    expect(await drive.run()).toMatchObject({ status: "parked" });
    const [gate] = (await listGates(world.store, { runId: run.id })).items;
    const card = await getGate(world.store, { id: gate!.id });
    expect(card).toMatchObject({ status: "OPEN", display: { title: "Pay 10.00" }, payload: { total: "10.00" } });
    await decideGate(world.store, { id: card.id, outcome: "approved", comment: "fine", fingerprint: card.fingerprint, actor: approver });
    const again = await claim(world, agent);
    const result = kept ? await drive.resume(again) : await driveOf(world, agent, again).run();
    expect(result).toEqual({ status: "ended", as: "COMPLETED" });
    expect((await getRun(world.store, { id: run.id })).output).toBe("fine");
  }
  expect(models).toBe(2);
});

test("R2 a finished run's journal replays without a model or a tool, to the same result", async () => {
  const tape = createTape({ app: "r2" });
  let calls = 0;
  const tool = tape.effect<{ n: number }, number>("tool", (_ctx, { n }) => {
    calls += 1;
    return n * 2;
  });
  const agent = tape.agent<{ n: number }, number>("pure", async (run, { n }) => {
    const first = await run.decide("first", { model: "m", request: n }, () => (calls += 1));
    const [a, b] = await Promise.all([tool(run, { n }), tool(run, { n: n + 1 })]);
    return first + a + b;
  });
  const run = await start(agent, { n: 5 });
  await driveOnce(world, agent);
  const before = calls;
  const { items } = await readJournal(world.store, { runId: run.id, fromSeq: 0 });
  const replay = await replayJournal(agent, items);
  expect(replay).toEqual({ ended: { ok: true, output: (await getRun(world.store, { id: run.id })).output }, asks: [], nondeterminism: null });
  expect(calls).toBe(before);
});

test("G1 a signal sent before it is awaited is taken at once, and two awaits of one name are two occurrences", async () => {
  const tape = createTape({ app: "g1" });
  const agent = tape.agent<object, unknown[]>("listener", async (run) => {
    await run.effect("first", {}, () => 1);
    return [await tape.awaitSignal(run, "go"), await tape.awaitSignal(run, "go")];
  });
  const run = await start(agent);
  await sendSignal(world.store, { runId: run.id, name: "go", payload: 1, by: "user:ann@example.com" });
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  await sendSignal(world.store, { runId: run.id, name: "other", payload: 0, by: "user:ann@example.com" });
  expect((await getRun(world.store, { id: run.id })).status).toBe("WAITING");
  await sendSignal(world.store, { runId: run.id, name: "go", payload: 2, by: "user:ann@example.com" });
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  expect((await getRun(world.store, { id: run.id })).output).toEqual([1, 2]);
});
