import { cancelRun, getRun, listRuns, readJournal, startRun } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { awaitSignal, createTape, heartbeat, isCancelled, RunCancelled, uuid, type AgentDefinition, type Tape } from "../src/index.ts";
import { atEveryBoundary } from "./boundaries.ts";
import { claim, driveOf, driveOnce, openWorld, type World } from "./world.ts";

let world: World;
const tapes: Tape[] = [];
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await Promise.all(tapes.map((tape) => tape.close()));
  await world.close();
});

const operator = { id: "user:olga@example.com", email: "olga@example.com", role: "operator" } as const;
const why = { reason: "wrong file" };

function tapeOf(app: string): Tape {
  const tape = createTape({ app });
  tape.use(world.store);
  tapes.push(tape);
  return tape;
}
async function start(agent: AgentDefinition): Promise<string> {
  const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input: {}, startedBy: "test" });
  return run.id;
}
const output = async (id: string): Promise<unknown> => (await getRun(world.store, { id })).output;
const entries = async (runId: string) => (await readJournal(world.store, { runId, limit: 1_000 })).items;
const verbs = async (runId: string) => (await entries(runId)).map(({ kind, verb }) => `${kind}.${verb}`);
const codeOf = (error: unknown) => (error as { code?: string }).code;
/** An agent whose runs wait for ever. */
const waiting = (tape: Tape) => tape.agent("waiting", (run) => awaitSignal(run, "never"));

test("an operation in agent code is done once, with the same arguments, at whichever boundary its driver dies", async () => {
  const tape = tapeOf("once");
  const child = waiting(tape);
  const agent = tape.agent("acting", async (run) => {
    const handle = await tape.start(child, { id: await uuid(run) });
    const { signalId } = await tape.sendSignal(handle.id, "hello", await uuid(run));
    await handle.cancel({ reason: await uuid(run) });
    await tape.compensateRun(handle.id, why);
    return { id: handle.id, signalId, read: (await tape.getRun(handle.id)).status };
  });
  const boundaries = await atEveryBoundary(world, agent, () => start(agent), async (id, boundary) => {
    const told = `killed at ${boundary}`;
    const said = (await output(id)) as { id: string; signalId: string; read: string };
    expect(said, told).toMatchObject({ id: expect.stringMatching(/^run_/), signalId: expect.stringMatching(/^sig_/) });
    expect((await getRun(world.store, { id: said.id })).startedBy, told).toBe(`run:${id}`);
    const done = (await verbs(said.id)).filter((verb) => ["signal.received", "run.cancelled", "run.compensating"].includes(verb));
    expect(done, told).toEqual(["signal.received", "run.cancelled", "run.compensating"]);
    const steps = (await verbs(id)).filter((verb) => ["run.child", "signal.sent", "run.sampled"].includes(verb));
    expect(steps, told).toEqual(["run.sampled", "run.child", "run.sampled", "signal.sent", "run.sampled", "run.sampled", "run.sampled", "run.sampled"]);
  });
  expect(boundaries).toBeGreaterThan(10);
  const children = (await listRuns(world.store, { filter: { agent: "waiting" }, limit: 200 })).items.filter(({ app }) => app === "once");
  expect(children).toHaveLength(boundaries + 1);
});

test("an operation in a scope with a long name is done once too: its step's key is longer than a name may be", async () => {
  const tape = tapeOf("long");
  const child = waiting(tape);
  const agent = tape.agent("scoped", (run) =>
    run.scope("Überweisungen ".repeat(100), async (inner) => {
      const handle = await tape.start(child, { id: await uuid(inner) });
      const { signalId } = await tape.sendSignal(handle.id, "hello");
      return { id: handle.id, signalId, ...(await tape.setValue("shop", run.id, 1)) };
    }),
  );
  await atEveryBoundary(world, agent, () => start(agent), async (id, boundary) => {
    const said = (await output(id)) as { id: string };
    expect(said, `killed at ${boundary}`).toEqual({ id: expect.stringMatching(/^run_/), signalId: expect.stringMatching(/^sig_/), version: 1 });
    expect(await verbs(said.id), `killed at ${boundary}`).toEqual(["run.started", "signal.received"]);
  });
});

test("a redrive in agent code is done, although it is refused when its driver asks again after a crash", async () => {
  const tape = tapeOf("redrive");
  const child = waiting(tape);
  let target = "";
  const agent = tape.agent("redriving", async () => {
    await tape.redrive(target, why);
    return tape.redrive(target, why).catch(codeOf);
  });
  await atEveryBoundary(
    world,
    agent,
    async () => {
      target = await start(child);
      expect(await driveOnce(world, child)).toMatchObject({ status: "parked" });
      return start(agent);
    },
    async (id, boundary) => {
      expect(await output(id), `killed at ${boundary}`).toBe("illegal_transition");
      expect((await verbs(target)).filter((verb) => verb === "run.redriven"), `killed at ${boundary}`).toHaveLength(1);
      await cancelRun(world.store, { id: target, ...why, actor: operator });
    },
  );
});

test("what agent code reads is the same on every drive, and what is refused is thrown on every drive", async () => {
  const tape = tapeOf("reads");
  const other = await start(waiting(tape));
  const seen: unknown[] = [];
  const agent = tape.agent("reading", async (run) => {
    const [{ status }, { items: runs }, { items: journal }, plan] = [
      await tape.getRun(other), await tape.listRuns({ filter: { agent: "waiting" } }), await tape.readJournal(other), await tape.compensationPlan(other),
    ];
    const refusals = [await tape.getRun("run_01JZZZZZZZZZZZZZZZZZZZZZZZ").catch(codeOf), await tape.compensateRun(other, why).catch(codeOf)];
    seen.push([status, runs.length, journal.length, plan.items.length, ...refusals]);
    await awaitSignal(run, "go");
  });
  const id = await start(agent);
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  await tape.cancelRun(other, why);
  await tape.sendSignal(id, "go");
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  expect(seen).toHaveLength(2);
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[0]).toEqual(["RUNNABLE", expect.any(Number), 1, 0, "not_found", "illegal_transition"]);
  const names = (await entries(id)).flatMap((entry) => (entry.kind === "run" && entry.verb === "sampled" ? [entry.payload.name] : []));
  expect(names).toEqual(["getRun", "listRuns", "readJournal", "compensationPlan", "getRun", "compensateRun"]);
});

test("R6 an operation that is asked with other arguments than its journal recorded stops the run", async () => {
  const tape = tapeOf("other-arguments");
  const other = await start(waiting(tape));
  let reason = "first";
  const agent = tape.agent("changing", async (run) => {
    await tape.cancelRun(other, { reason });
    await awaitSignal(run, "go");
  });
  const id = await start(agent);
  await driveOnce(world, agent);
  await tape.sendSignal(id, "go");
  reason = "second";
  expect(await driveOnce(world, agent, { replayTimeoutMs: 100 })).toEqual({ status: "ended", as: "STUCK" });
  expect((await getRun(world.store, { id: other })).cancelReason).toBe("first");
});

test("C5 cancel twice gives the first reason, and a run that has ended otherwise is refused with its status", async () => {
  const tape = tapeOf("c5");
  const agent = tape.agent("quick", async () => "done");
  const [one, other] = [await start(waiting(tape)), await start(agent)];
  await tape.cancelRun(one, { reason: "first" });
  await tape.cancelRun({ id: one }, { reason: "second" });
  expect(await getRun(world.store, { id: one })).toMatchObject({ status: "CANCELLED", cancelReason: "first", cancelledBy: "sdk:c5" });
  await driveOnce(world, agent);
  await expect(tape.cancelRun(other, why)).rejects.toMatchObject({ code: "illegal_transition", details: { status: "COMPLETED" } });
});

test("C6 a signal, a redrive and a timer are refused by a cancelled run, from outside and from agent code", async () => {
  const tape = tapeOf("c6");
  const id = await start(waiting(tape));
  await tape.cancelRun(id, why);
  const refused = async () => [
    await tape.sendSignal(id, "go").then(() => "sent", codeOf),
    await tape.redrive(id, why).then(() => "redriven", codeOf),
    await tape.setTimer(id, "late", { kind: "redrive", inMs: 1 }).then(() => "armed", codeOf),
  ];
  const all = ["illegal_transition", "illegal_transition", "illegal_transition"];
  expect(await refused()).toEqual(all);
  const agent = tape.agent("trying", refused);
  const trying = await start(agent);
  await driveOnce(world, agent);
  expect(await output(trying)).toEqual(all);
  expect((await getRun(world.store, { id })).status).toBe("CANCELLED");
  expect((await verbs(id)).filter((verb) => !verb.startsWith("run."))).toEqual([]);
});

test("C7 in agent code heartbeat does nothing, isCancelled is false, and a body must give its own ctx", async () => {
  const tape = tapeOf("c7");
  const agent = tape.agent("asking", async (run) => {
    await heartbeat(run);
    const outside = await tape.isCancelled(run);
    const inside = await run.effect("body", {}, async (ctx) => {
      await tape.heartbeat(ctx);
      return [await isCancelled(ctx), await heartbeat(run).catch(codeOf), await isCancelled(run).catch(codeOf)];
    });
    return [outside, inside];
  });
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(await output(id)).toEqual([false, [false, "invalid_input", "invalid_input"]]);
  expect((await verbs(id)).filter((verb) => verb === "run.sampled")).toEqual([]);
});

test("agent code that cancels its own run is cancelled and settled: nothing that it asks after that is done", async () => {
  const tape = tapeOf("own");
  let asked = 0;
  let thrown: unknown;
  const agent = tape.agent("quitting", async (run) => {
    await tape.cancelRun(run, { reason: "changed my mind" }).catch((error: unknown) => (thrown = error));
    await run.effect("after", {}, () => (asked += 1));
  });
  const id = await start(agent);
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "CANCELLED" });
  expect(thrown).toBeInstanceOf(RunCancelled);
  expect(asked).toBe(0);
  const run = await getRun(world.store, { id });
  expect(run).toMatchObject({ status: "CANCELLED", cancelReason: "changed my mind", cancelledBy: `run:${id}` });
  expect(run.settledAt).not.toBeNull();
});

test("a run that was cancelled while its code acts does no further operation", async () => {
  const tape = tapeOf("cut");
  const other = await start(waiting(tape));
  const agent = tape.agent("acting", async (run) => {
    await run.effect("cancelled-meanwhile", {}, () => cancelRun(world.store, { id: run.id, ...why, actor: operator }).then(() => null));
    await tape.sendSignal(other, "from the dead");
  });
  await start(agent);
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "CANCELLED" });
  expect((await verbs(other)).includes("signal.received")).toBe(false);
});

test("in a body operations act at once, in the name of the run", async () => {
  const tape = tapeOf("at-once");
  const child = waiting(tape);
  const other = await start(child);
  const agent = tape.agent("bodies", (run) =>
    run.effect("acting", {}, async () => {
      const { signalId } = await tape.sendSignal(other, "hello");
      const handle = await tape.start(child, {});
      await tape.cancelRun(other, why);
      return { signalId, started: handle.id, status: (await tape.getRun(other)).status };
    }),
  );
  const id = await start(agent);
  await driveOnce(world, agent);
  const said = (await output(id)) as { started: string };
  expect(said).toMatchObject({ signalId: expect.stringMatching(/^sig_/), status: "CANCELLED" });
  expect((await getRun(world.store, { id: said.started })).startedBy).toBe(`run:${id}`);
  expect((await verbs(id)).filter((verb) => !verb.startsWith("effect."))).toEqual(["run.started", "run.claimed", "run.completed"]);
});

test("outcome() of a cancelled run throws RunCancelled with the reason, and handle.cancel cancels it", async () => {
  const tape = tapeOf("outcome");
  const handle = await tape.start(waiting(tape), {});
  const outcome = handle.outcome().catch((error: unknown) => error);
  await handle.cancel({ reason: "not needed" });
  expect(await outcome).toBeInstanceOf(RunCancelled);
  expect(await outcome).toMatchObject({ message: "not needed" });
  await tape.compensateRun(handle.id, why);
  await expect(handle.outcome()).rejects.toBeInstanceOf(RunCancelled);
});

test("outcome() is told of the end by a hint, and ends when the tape is closed", async () => {
  const tape = tapeOf("outcomes");
  const agent = tape.agent("quick", async () => "done");
  const handle = await tape.start(agent, {});
  const outcome = handle.outcome();
  await driveOnce(world, agent);
  expect(await outcome).toBe("done");
  const never = (await tape.start(waiting(tape), {})).outcome().catch(codeOf);
  await new Promise((turned) => setImmediate(turned));
  await tape.close();
  expect(await never).toBe("unavailable");
});

test("agent code that waits for its child is handed the same outcome on every drive", async () => {
  const tape = tapeOf("children");
  const good = tape.agent("good", async () => ({ sum: 3 }));
  const bad = tape.agent("bad", async () => {
    throw Object.assign(new Error("no funds"), { code: "E_FUNDS" });
  });
  const seen: unknown[] = [];
  const agent = tape.agent("parent", async (run) => {
    const [one, other] = [await tape.start(good, {}), await tape.start(bad, {})];
    seen.push([await one.outcome(), await other.outcome().catch((error: Error & { code: string }) => [error.message, error.code])]);
    await awaitSignal(run, "go");
  });
  const id = await start(agent);
  const parent = driveOf(world, agent, await claim(world, agent)).run();
  await expect.poll(() => driveOnce(world, good).catch(() => null)).toEqual({ status: "ended", as: "COMPLETED" });
  await expect.poll(() => driveOnce(world, bad).catch(() => null)).toEqual({ status: "ended", as: "FAILED" });
  expect(await parent).toMatchObject({ status: "parked" });
  await tape.sendSignal(id, "go");
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  const first = [{ sum: 3 }, ["no funds", "E_FUNDS"]];
  expect(seen).toEqual([first, first]);
});
