import { cancelRun, fireDueTimers, getRun, listEffects, listTimers, openStore, readJournal, recordLateOutcome, startRun } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AckLost, createTape, RunCancelled, type AgentDefinition, type DriveJournal, type RetryPolicy } from "../src/index.ts";
import { retryDelayMs } from "../src/steps/retry.ts";
import { atEveryBoundary, dieAt } from "./boundaries.ts";
import { claim, driveOf, driveOnce, expireLeases, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const operator = { id: "user:olga@example.com", email: "olga@example.com", role: "operator" } as const;

async function start(agent: AgentDefinition): Promise<string> {
  const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input: {}, startedBy: "test" });
  return run.id;
}
const journal = async (runId: string) => (await readJournal(world.store, { runId, limit: 1_000 })).items;
const failures = async (runId: string) => (await journal(runId)).flatMap((entry) => (entry.kind === "effect" && entry.verb === "attempt_failed" ? [entry] : []));
const LONG_MS = 3_600_000;

/** An agent of one tool that is tried by this policy; the try that `succeeds` succeeds. */
function agentOf(app: string, retry: RetryPolicy, succeeds = 3) {
  const tries: { key: string; attempt: number; at: number }[] = [];
  const tape = createTape({ app });
  const wire = tape.effect<object, string>("wire", { retry }, (ctx) => {
    tries.push({ key: ctx.key, attempt: ctx.attempt, at: performance.now() });
    if (ctx.attempt < succeeds) throw new Error(`try ${ctx.attempt}`);
    return `sent by ${ctx.attempt}`;
  });
  return { tries, tape, wire, agent: tape.agent<object, string>("tries", (run) => wire(run, {})) };
}

test("E11 the third of four attempts succeeds: attempts and delays are in the journal, under one key", async () => {
  const { agent, tries } = agentOf("e11", { attempts: 4, firstDelayMs: 20, factor: 3 });
  const id = await start(agent);
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  expect((await getRun(world.store, { id })).output).toBe("sent by 3");
  expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  expect(new Set(tries.map(({ key }) => key)).size).toBe(1);
  expect(tries[1]!.at - tries[0]!.at).toBeGreaterThanOrEqual(19);
  expect(tries[2]!.at - tries[1]!.at).toBeGreaterThanOrEqual(59);
  expect((await failures(id)).map(({ payload }) => ({ ...payload, error: payload.error.message }))).toMatchObject([
    { key: tries[0]!.key, attempt: 1, error: "try 1", retryInMs: 20 },
    { key: tries[0]!.key, attempt: 2, error: "try 2", retryInMs: 60 },
  ]);
  expect((await listEffects(world.store, { runId: id })).items).toMatchObject([{ key: tries[0]!.key, status: "CONFIRMED", attempts: 3 }]);
});

test.each([
  ["an error that is not to be retried", () => new Error("final"), { retryIf: () => false }, "FAILED"],
  ["AckLost", () => new AckLost("no answer"), {}, "UNKNOWN"],
  ["RunCancelled", () => new RunCancelled(), {}, "FAILED"],
])("E11 %s stops at one", async (what, thrown, policy, status) => {
  const tape = createTape({ app: `e11-${what.replaceAll(" ", "-")}` });
  let tries = 0;
  const wire = tape.effect<object, void>("wire", { retry: { attempts: 4, firstDelayMs: 1, ...policy } }, () => {
    tries += 1;
    throw thrown();
  });
  const agent = tape.agent<object, void>("once", (run) => wire(run, {}));
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(tries).toBe(1);
  expect(await failures(id)).toEqual([]);
  expect((await listEffects(world.store, { runId: id })).items).toMatchObject([{ status }]);
});

test("E11 killed at every boundary: no try that is recorded as failed is made again, and the policy goes on under its key", async () => {
  const { agent, tries } = agentOf("e11-killed", { attempts: 4, firstDelayMs: 30, factor: 1 });
  const boundaries = await atEveryBoundary(world, agent, async () => {
    tries.length = 0;
    return await start(agent);
  }, async (id, boundary) => {
    const at = `boundary ${boundary}`;
    expect(await getRun(world.store, { id }), at).toMatchObject({ status: "COMPLETED", output: "sent by 3" });
    expect(new Set(tries.map(({ key }) => key)).size, at).toBe(1);
    const recorded = await failures(id);
    expect(recorded.map(({ payload }) => payload.attempt), at).toEqual([...new Set(recorded.map(({ payload }) => payload.attempt))]);
    // A death costs at most the one try whose outcome it took along.
    expect(tries.length, at).toBeLessThanOrEqual(4);
    const attempts = tries.map(({ attempt }) => attempt);
    expect(attempts, at).toEqual(attempts.toSorted((a, b) => a - b));
    // None is left out: a death during a delay is no try.
    for (const [place, attempt] of attempts.entries()) expect(attempt - (attempts[place - 1] ?? 1), at).toBeLessThanOrEqual(1);
  });
  expect(boundaries).toBeGreaterThan(6);
});

test("E11 a driver that dies between two tries leaves the rest of the delay to the next, by the database's clock", async () => {
  const { agent, tries } = agentOf("e11-rest", { attempts: 4, firstDelayMs: 1_500 }, 2);
  const id = await start(agent);
  // Its third commit is the end; the second one, known, is the failed try.
  expect(await dieAt(world, agent, 3)).toBe(true);
  const [failed] = await failures(id);
  expect(failed?.payload).toMatchObject({ attempt: 1, retryInMs: 1_500 });
  await expireLeases(world);
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2]);
  const resumed = (await journal(id)).find(({ verb }) => verb === "resumed");
  expect(Date.parse(resumed!.at) - Date.parse(failed!.at)).toBeGreaterThanOrEqual(1_495);
});

test("E11 a long delay parks the run, which says when it is tried again; it goes on after its time, with its coroutine and without", async () => {
  for (const kept of [true, false]) {
    const { agent, tries } = agentOf(`e11-parked-${kept}`, { attempts: 4, firstDelayMs: LONG_MS, maxDelayMs: LONG_MS }, 2);
    const id = await start(agent);
    const drive = driveOf(world, agent, await claim(world, agent));
    expect(await drive.run()).toMatchObject({ status: "parked" });
    const [failed] = await failures(id);
    const dueAt = Date.parse(failed!.at) + LONG_MS;
    const { status, whyWaiting, unsettled } = await getRun(world.store, { id });
    expect([status, unsettled]).toEqual(["WAITING", 1]);
    expect(whyWaiting).toMatchObject([{ code: "backoff", sentence: expect.stringMatching(/^The last try of wire failed: tries again at /) }]);
    expect(Math.abs(Date.parse(whyWaiting[0]!.until!) - dueAt)).toBeLessThan(1_000);
    expect(await fireDueTimers(world.store)).toMatchObject({ fired: 0 });
    // An hour later, by the clock of the database alone.
    const later = await storeAt(new Date(dueAt + 10));
    try {
      expect(await fireDueTimers(later)).toMatchObject({ fired: 1 });
      const inAnHour = { ...world, store: later };
      const claimed = await claim(inAnHour, agent);
      const result = kept ? await drive.resume(claimed) : await driveOf(inAnHour, agent, claimed).run();
      expect(result).toEqual({ status: "ended", as: "COMPLETED" });
    } finally {
      await later.close();
    }
    expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect((await journal(id)).filter(({ verb }) => verb === "resumed")).toHaveLength(kept ? 0 : 1);
    expect((await listTimers(world.store, { runId: id })).map(({ kind, status: now }) => `${kind} ${now}`)).toEqual(["wake FIRED"]);
  }
});

test("E11 driven again before its time, a run goes on waiting for it under the same timer", async () => {
  const { agent, tries } = agentOf("e11-early", { attempts: 4, firstDelayMs: LONG_MS, maxDelayMs: LONG_MS });
  const id = await start(agent);
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  await world.store.pool.query("UPDATE tape.runs SET status = 'RUNNABLE', waits = NULL WHERE id = $1", [id]);
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  expect(tries).toHaveLength(1);
  expect(await listTimers(world.store, { runId: id })).toHaveLength(1);
  expect((await getRun(world.store, { id })).whyWaiting).toMatchObject([{ code: "backoff" }]);
});

test("E11 a run parks on a long delay at every boundary that its driver may die at, with one timer", async () => {
  const { agent, tries } = agentOf("e11-parking", { attempts: 4, firstDelayMs: LONG_MS, maxDelayMs: LONG_MS });
  await atEveryBoundary(world, agent, async () => {
    tries.length = 0;
    return await start(agent);
  }, async (id, boundary) => {
    expect((await getRun(world.store, { id })).status, `boundary ${boundary}`).toBe("WAITING");
    expect(await listTimers(world.store, { runId: id }), `boundary ${boundary}`).toHaveLength(1);
    await cancelRun(world.store, { id, reason: "seen", actor: operator });
  });
});

test("E11 killed at every boundary after a long delay: what failed before it is not tried again, what comes after it once more at most", async () => {
  const { agent, tries } = agentOf("e11-woken", { attempts: 4, firstDelayMs: LONG_MS, maxDelayMs: LONG_MS }, 2);
  const woken = async () => {
    tries.length = 0;
    const id = await start(agent);
    expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
    await letAnHourPass(id);
    expect(await fireDueTimers(world.store)).toMatchObject({ fired: 1 });
    return id;
  };
  const boundaries = await atEveryBoundary(world, agent, woken, async (id, boundary) => {
    expect(await getRun(world.store, { id }), `boundary ${boundary}`).toMatchObject({ status: "COMPLETED", unsettled: 0 });
    expect(tries.filter(({ attempt }) => attempt === 1), `boundary ${boundary}`).toHaveLength(1);
    expect(tries.length, `boundary ${boundary}`).toBeLessThanOrEqual(3);
    expect((await failures(id)).map(({ payload }) => payload.attempt), `boundary ${boundary}`).toEqual([1]);
  });
  expect(boundaries).toBeGreaterThanOrEqual(4);
});

test("C2 cancelled during a delay that its driver waits for: the effect failed with what was thrown last, and is not tried again", async () => {
  for (const isNew of [false, true]) {
    const { agent, tries } = agentOf(`e11-cancelled-${isNew}`, { attempts: 4, firstDelayMs: 4_500 });
    const id = await start(agent);
    // The delay is waited for by the driver that tried, or by the one that took its run over.
    if (isNew) {
      expect(await dieAt(world, agent, 3)).toBe(true);
      await expireLeases(world);
    }
    let hasRead = false;
    const watched = (inner: DriveJournal): DriveJournal => ({ ...inner, read: async (fromSeq) => inner.read(fromSeq).finally(() => (hasRead = true)) });
    const drive = driveOf(world, agent, await claim(world, agent), { journal: watched });
    const result = drive.run();
    await expect.poll(async () => hasRead && (await failures(id)).length).toBe(1);
    await cancelRun(world.store, { id, reason: "enough", actor: operator });
    drive.poke();
    expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
    expect((await listEffects(world.store, { runId: id })).items, `taken over: ${isNew}`).toMatchObject([{ status: "FAILED", error: { message: "try 1" } }]);
    expect(tries).toHaveLength(1);
  }
});

test("D24 a run whose code is through still waits for the next try of what it raced", async () => {
  const { agent: _, tape, wire } = agentOf("e11-raced", { attempts: 2, firstDelayMs: LONG_MS, maxDelayMs: LONG_MS }, 2);
  const agent = tape.agent<object, string>("raced", async (run) => {
    const first = await Promise.race([wire(run, {}), run.sleep(0).then(() => "slept")]);
    return first;
  });
  const id = await start(agent);
  for (;;) {
    expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
    if ((await fireDueTimers(world.store)).fired === 0) break;
  }
  expect((await getRun(world.store, { id })).whyWaiting).toMatchObject([{ code: "backoff" }]);
  await letAnHourPass(id);
  expect(await fireDueTimers(world.store)).toMatchObject({ fired: 1 });
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  expect(await getRun(world.store, { id })).toMatchObject({ output: "slept", unsettled: 0 });
});

test("D12 what an earlier driver confirms late during a delay is what the code gets; it is not tried again", async () => {
  for (const kept of [true, false]) {
    const { agent, tries } = agentOf(`e11-late-${kept}`, { attempts: 4, firstDelayMs: LONG_MS, maxDelayMs: LONG_MS });
    const id = await start(agent);
    await driveOnce(world, agent);
    // Driven by one that did not begin the effect itself.
    await world.store.pool.query("UPDATE tape.runs SET status = 'RUNNABLE', waits = NULL WHERE id = $1", [id]);
    const drive = driveOf(world, agent, await claim(world, agent));
    expect(await drive.run()).toMatchObject({ status: "parked" });
    const [effect] = (await listEffects(world.store, { runId: id })).items;
    await recordLateOutcome(world.store, { runId: id, effectId: effect!.id, key: effect!.key, outcome: { status: "confirmed", result: "late" } });
    await world.store.pool.query("UPDATE tape.timers SET fire_at = tape.now() WHERE run_id = $1", [id]);
    await fireDueTimers(world.store);
    if (kept) expect(await drive.resume(await claim(world, agent))).toMatchObject({ status: "lost", reason: "settled_elsewhere" });
    expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
    expect([(await getRun(world.store, { id })).output, tries.length]).toEqual(["late", 1]);
  }
});

test("jitter takes up to its share off a delay, the same for the same key and attempt", () => {
  const delays = (jitter: number) => Array.from({ length: 200 }, (_, call) => retryDelayMs({ attempts: 3, firstDelayMs: 1_000, jitter }, { attempt: 1, error: null, key: `run_1//d0/wire/${call}` })!);
  expect(new Set(delays(0))).toEqual(new Set([1_000]));
  expect(delays(0.5)).toEqual(delays(0.5));
  expect(Math.min(...delays(0.5))).toBeGreaterThanOrEqual(500);
  expect(Math.min(...delays(0.5))).toBeLessThan(600);
  expect(Math.max(...delays(0.5))).toBeGreaterThan(900);
  expect(Math.max(...delays(0.5))).toBeLessThanOrEqual(1_000);
});

/** As if all of this run had happened an hour earlier. */
async function letAnHourPass(runId: string): Promise<void> {
  await world.store.pool.query("UPDATE tape.timers SET fire_at = fire_at - interval '1 hour' WHERE run_id = $1", [runId]);
  await world.store.pool.query("UPDATE tape.entries SET at = at - interval '1 hour' WHERE run_id = $1", [runId]);
}

/** The same database for a process whose SQL time stands at this instant. */
async function storeAt(now: Date) {
  const url = new URL(world.database.url);
  url.searchParams.set("options", `-c tape.now=${now.toISOString()}`);
  return openStore({ connectionString: url.href, applicationName: "sdk test, later" });
}
