import { claimTimers, getRun, listTimers, readJournal, startRun, timerHandled } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { awaitSignal, createTape, now, type AgentDefinition, type Tape } from "../src/index.ts";
import { atEveryBoundary } from "./boundaries.ts";
import { driveOnce, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function tapeOf(app: string): Tape {
  const tape = createTape({ app });
  tape.use(world.store);
  return tape;
}
async function start(agent: AgentDefinition): Promise<string> {
  const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input: {}, startedBy: "test" });
  return run.id;
}
const waiting = (tape: Tape) => tape.agent("waiting", (run) => awaitSignal(run, "go"));
const timers = async (runId: string) => (await listTimers(world.store, { runId })).map(({ id, kind, status, payload }) => ({ id, kind, status, payload }));
const verbs = async (runId: string) => (await readJournal(world.store, { runId, limit: 1_000 })).items.map(({ kind, verb }) => `${kind}.${verb}`);

/** The timer is due, and its handler has run. */
async function fire(app: string, kind: string): Promise<void> {
  const due: Awaited<ReturnType<typeof claimTimers>> = [];
  await expect.poll(async () => due.push(...(await claimTimers(world.store, { owner: "wrk_TEST", kinds: [{ app, kind }], limit: 10 })))).toBe(1);
  const { runId, id, claim } = due[0]!;
  expect(await timerHandled(world.store, { runId, id, claim })).toBe(true);
}

test("T2 the same id again re-arms a timer, also a fired one; to cancel a fired one says that it fired", async () => {
  const tape = tapeOf("t2");
  const id = await start(waiting(tape));
  await tape.setTimer(id, "reminder", { kind: "remind", inMs: 3_600_000, payload: { n: 1 } });
  const { fireAt } = await tape.setTimer(id, "reminder", { kind: "remind", at: new Date("2026-01-01T00:00:00Z"), payload: { n: 2 } });
  expect(fireAt).toBe("2026-01-01T00:00:00.000Z");
  expect(await timers(id)).toEqual([{ id: "reminder", kind: "remind", status: "ARMED", payload: { n: 2 } }]);
  await fire("t2", "remind");
  await expect(tape.cancelTimer(id, "reminder")).rejects.toMatchObject({ code: "illegal_transition", message: expect.stringMatching(/fired at/) });
  await tape.setTimer(id, "reminder", { kind: "remind", inMs: 3_600_000 });
  expect(await timers(id)).toMatchObject([{ id: "reminder", status: "ARMED" }]);
  await tape.cancelTimer(id, "reminder");
  await tape.cancelTimer(id, "reminder");
  expect(await timers(id)).toMatchObject([{ id: "reminder", status: "CANCELLED" }]);
  await expect(tape.cancelTimer(id, "other")).rejects.toMatchObject({ code: "not_found" });
});

test("T2 agent code arms and disarms timers of its own run as steps, and what is refused is refused on every drive", async () => {
  const tape = tapeOf("t2-agent");
  const seen: unknown[] = [];
  const agent = tape.agent("arming", async (run) => {
    const at = new Date((await now(run)) + 3_600_000);
    const { fireAt } = await tape.setTimer(run, "deadline", { kind: "redrive", at, payload: { why: "soft deadline" } });
    await tape.setTimer(run, "reminder", { kind: "remind", inMs: 3_600_000 });
    await tape.cancelTimer(run, "reminder");
    const refused = await tape.cancelTimer(run, "nothing").catch((error: { code: string }) => error.code);
    seen.push([fireAt === at.toISOString(), refused]);
    await awaitSignal(run, "go");
  });
  const id = await start(agent);
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  await tape.sendSignal(id, "go");
  expect((await timers(id)).map(({ id: timer, status }) => [timer, status])).toEqual(expect.arrayContaining([["deadline", "ARMED"], ["reminder", "CANCELLED"]]));
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  expect(seen).toEqual([[true, "not_found"], [true, "not_found"]]);
  expect((await verbs(id)).filter((verb) => verb === "timer.armed")).toHaveLength(2);
});

test("the timers of a run end with it, those that its code armed last included", async () => {
  const tape = tapeOf("ending");
  const agent = tape.agent("leaving", async (run) => {
    await tape.setTimer(run, "late", { kind: "remind", inMs: 3_600_000 });
  });
  const id = await start(agent);
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  expect(await timers(id)).toMatchObject([{ id: "late", status: "CANCELLED" }]);
});

test("a timer that agent code sets is one timer, at whichever boundary its driver dies", async () => {
  const tape = tapeOf("boundaries");
  const other = await start(waiting(tape));
  const agent = tape.agent("arming", async (run) => {
    await tape.setTimer(other, run.id, { kind: "remind", inMs: 3_600_000 });
    await tape.cancelTimer(other, run.id);
    await tape.setTimer(other, run.id, { kind: "remind", inMs: 7_200_000 });
    return "armed";
  });
  await atEveryBoundary(world, agent, () => start(agent), async (id, boundary) => {
    expect((await getRun(world.store, { id })).output, `killed at ${boundary}`).toBe("armed");
    expect((await timers(other)).filter((timer) => timer.id === id), `killed at ${boundary}`).toEqual([{ id, kind: "remind", status: "ARMED", payload: null }]);
  });
});

test("a timer is refused without an instant, for a kind that Tape has to itself, and for a run that there is not", async () => {
  const tape = tapeOf("refused");
  const id = await start(waiting(tape));
  const neither = { kind: "remind" } as unknown as { kind: string; inMs: number };
  await expect(tape.setTimer(id, "a", neither)).rejects.toMatchObject({ code: "invalid_input", message: expect.stringMatching(/inMs.*or at/) });
  await expect(tape.setTimer(id, "a", { kind: "remind", at: new Date("never") })).rejects.toMatchObject({ code: "invalid_input" });
  await expect(tape.setTimer(id, "a", { kind: "wake", inMs: 1 })).rejects.toMatchObject({ code: "invalid_input" });
  await expect(tape.setTimer("run_01JZZZZZZZZZZZZZZZZZZZZZZZ", "a", { kind: "remind", inMs: 1 })).rejects.toMatchObject({ code: "not_found" });
  expect(await timers(id)).toEqual([]);
});
