import { claimOutbox, decideGate, getRun, listEffects, listGates, markInFlight, readJournal, recordDispatch, reserveBusinessKey, startRun } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BusinessKeyTaken, createTape, currentRun, defineConfig, defineConnector, type AgentDefinition, type ConnectorOptions, type Tape } from "../src/index.ts";
import { atEveryBoundary } from "./boundaries.ts";
import { claim, driveOf, driveOnce, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const approver = { id: "user:ann@example.com", email: "ann@example.com", role: "approver" } as const;
const connector = (options: Partial<ConnectorOptions> = {}) => defineConnector({ name: "bank", dispatch: () => ({ status: "confirmed" }), ...options });
const make = (input: unknown) => input;
let apps = 0;
function newTape(): Tape {
  const tape = createTape({ app: `outbox-${++apps}` });
  tape.use(world.store);
  return tape;
}

async function start(agent: AgentDefinition, input: unknown = {}): Promise<string> {
  const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input, startedBy: "test" });
  return run.id;
}
const verbs = async (id: string) => (await readJournal(world.store, { runId: id, fromSeq: 0, limit: 1_000 })).items.map(({ kind, verb }) => `${kind}.${verb}`);
const effects = async (id: string) => (await listEffects(world.store, { runId: id })).items;

/** What a worker's outbox does: sends all that is due of the app. Answers how many. */
async function sendAll(app: string): Promise<number> {
  const due = await claimOutbox(world.store, { owner: "wrk_TEST", connectors: [{ app, connector: "bank", places: 100 }] });
  for (const { effectId, claim, request } of due) {
    await markInFlight(world.store, { effectId, claim });
    await recordDispatch(world.store, { effectId, claim, result: { status: "confirmed", result: { sent: request } } });
  }
  return due.length;
}

test("E1 refused when defined: no connector, NON_IDEMPOTENT that nobody could settle or take back, a business key without an outbox", () => {
  const tape = newTape();
  const outbox = (options: object) => () => tape.outboxTool(`t${++apps}`, options as never, make);
  const semantics = "NON_IDEMPOTENT";
  expect(outbox({})).toThrow(/needs a connector/);
  expect(outbox({ semantics, connector: "bank" })).toThrow(/businessKey, statusCheck or compensate/);
  expect(outbox({ semantics, connector: connector() })).toThrow(/businessKey, statusCheck or compensate/);
  expect(outbox({ semantics: "OBSERVE_ONLY", connector: "bank" })).toThrow(/read with tape.effect/);
  expect(() => tape.effect("inline", { semantics }, make)).toThrow(/cannot be INLINE/);
  expect(() => tape.effect("keyed", { businessKey: () => "k" } as never, make)).toThrow(/businessKey goes with an outbox tool/);
  for (const option of [{ businessKey: () => "k" }, { statusCheck: async () => ({ status: "absent" }) }, { compensate: async () => {} }]) outbox({ semantics, connector: "bank", ...option })();
  const known = newTape();
  known.outboxTool("observed", { semantics, connector: connector({ observe: () => ({ status: "absent" }) }) }, make);
  expect(known.connectors.has("bank")).toBe(true);
  const undone = newTape();
  undone.outboxTool("undone", { semantics, connector: connector({ compensate: () => ({ status: "compensated" }) }) }, make);
  expect([...undone.compensators.keys()]).toEqual(["bank/undo"]);
});

test("a name stands for one tool and one connector; a tool whose connector is missing is told when the config is made", () => {
  const tape = newTape();
  const agents: AgentDefinition[] = [];
  tape.outboxTool("pay", { connector: "bank" }, make);
  expect(() => tape.effect("pay", make)).toThrow(/defined twice/);
  expect(() => tape.outboxTool("pay", { connector: "bank" }, make)).toThrow(/defined twice/);
  expect(() => defineConfig({ tape, agents })).toThrow(/pay is sent by the connector bank, which is not among connectors/);
  const bank = connector();
  defineConfig({ tape, agents, connectors: [bank] });
  defineConfig({ tape, agents, connectors: [bank] });
  expect(() => defineConfig({ tape, agents, connectors: [connector()] })).toThrow(/connector bank is defined twice/);
  for (const bad of [{ concurrency: 0 }, { perSecond: 0 }, { timeoutMs: 0 }, { name: "" }]) expect(() => connector(bad)).toThrow(/bank|connector/);
});

test("every boundary: a driver that dies around an outbox effect leaves one intent, which is sent once, and its outcome reaches the code", async () => {
  const tape = newTape();
  let made = 0;
  const pay = tape.outboxTool<number, { sent: unknown }>("pay", { connector: connector(), semantics: "NON_IDEMPOTENT", businessKey: (n) => `inv-${n}` }, (n) => {
    made += 1;
    return { cents: n };
  });
  const agent = tape.agent<number, unknown>("payer", async (run, n) => [await pay(run, n), await pay(run, n + 1)]) as AgentDefinition;
  let n = 0;
  let sent = 0;
  const boundaries = await atEveryBoundary(world, agent, () => start(agent, (n += 10)), async (id) => {
    while ((await getRun(world.store, { id })).status !== "COMPLETED") {
      sent += await sendAll(agent.app);
      await driveOnce(world, agent);
    }
    expect((await getRun(world.store, { id })).output).toEqual([{ sent: { cents: n } }, { sent: { cents: n + 1 } }]);
    expect((await effects(id)).map(({ businessKey, status }) => [businessKey, status])).toEqual([[`inv-${n}`, "CONFIRMED"], [`inv-${n + 1}`, "CONFIRMED"]]);
  });
  expect(boundaries).toBeGreaterThan(3);
  expect(sent).toBe((boundaries + 1) * 2);
  expect(made).toBeGreaterThanOrEqual(sent);
});

test("waitForResult: false at every boundary: one intent, and the code gets its id, the same on every drive", async () => {
  const tape = newTape();
  const pay = tape.outboxTool("pay", { connector: connector(), waitForResult: false }, make);
  const given = new Map<string, string>();
  const agent = tape.agent("payer", async (run) => {
    const { effectId } = await pay(run, 1);
    expect(given.get(run.id) ?? effectId).toBe(effectId);
    // What was given once its intent stood is what every later drive gives.
    if ((await effects(run.id)).length > 0) given.set(run.id, effectId);
    await run.decide("next", { model: "m", request: 1 }, () => effectId);
    return effectId;
  });
  await atEveryBoundary(world, agent, () => start(agent), async (id) => {
    const run = await getRun(world.store, { id });
    const [effect, ...more] = await effects(id);
    expect(more).toEqual([]);
    expect(run).toMatchObject({ status: "COMPLETED", output: effect!.id, unsettled: 1 });
    expect(given.get(id)).toBe(effect!.id);
    expect(await verbs(id)).toEqual(expect.arrayContaining(["effect.intended", "effect.delivered"]));
  });
});

test("E9 at every boundary: the second caller's refusal is recorded, thrown on every drive, and one intent exists", async () => {
  const tape = newTape();
  const pay = tape.outboxTool<string>("pay", { connector: connector(), businessKey: (key) => key }, make);
  const seen = new Map<string, Set<string>>();
  const agent = tape.agent<string, string>("payer", async (run, key) => {
    const told = await pay(run, key).then(() => "paid", (error: unknown) => (error instanceof BusinessKeyTaken ? error.runId : String(error)));
    seen.set(run.id, (seen.get(run.id) ?? new Set()).add(told));
    await run.decide("next", { model: "m", request: 1 }, () => told);
    return told;
  }) as AgentDefinition;
  const first = await start(agent, "taken");
  await driveOnce(world, agent);
  await atEveryBoundary(world, agent, () => start(agent, "taken"), async (id) => {
    expect(await getRun(world.store, { id })).toMatchObject({ status: "COMPLETED", output: first });
    expect([...seen.get(id)!]).toEqual([first]);
    expect(await effects(id)).toEqual([]);
  });
});

test("a key that its own step had reserved before its driver died is its own still", async () => {
  const tape = newTape();
  const pay = tape.outboxTool("pay", { connector: connector(), businessKey: () => "own" }, make);
  const agent = tape.agent("payer", async (run) => pay(run, 1));
  const id = await start(agent);
  await reserveBusinessKey(world.store, { connector: "bank", businessKey: "own", runId: id, effectKey: `${id}//d0/pay/1` });
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  expect(await effects(id)).toMatchObject([{ businessKey: "own", status: "PENDING" }]);
});

test("a body that throws, or that opens a step, says so on every drive, and nothing is intended", async () => {
  const tape = newTape();
  const broken = tape.outboxTool("broken", { connector: connector() }, () => {
    throw new RangeError("no such account");
  });
  const nested = tape.outboxTool("nested", { connector: "bank" }, () => broken(currentRun()!, 1));
  const seen: unknown[] = [];
  const agent = tape.agent("payer", async (run) => {
    for (const tool of [broken, nested]) await tool(run, 1).catch((error: unknown) => seen.push((error as { code: string }).code));
    await run.sleep(3_600_000);
  });
  const id = await start(agent);
  await driveOnce(world, agent);
  await world.store.pool.query("UPDATE tape.runs SET status = 'RUNNABLE', waits = NULL WHERE id = $1", [id]);
  await driveOnce(world, agent);
  expect(seen).toEqual(["invalid_input", "nested_step", "invalid_input", "nested_step"]);
  expect(await effects(id)).toEqual([]);
});

test("gate and summary: people approve the arguments, and the intent names their decision", async () => {
  const tape = newTape();
  const cfo = tape.gateTool<{ cents: number }>("cfo");
  const pay = tape.outboxTool<{ cents: number }, unknown, { amount: number }>(
    "pay",
    { connector: connector(), gate: cfo, summary: ({ amount }, result) => (result ? "" : `Pay ${amount}`) },
    ({ cents }) => ({ amount: cents / 100 }),
  );
  const agent = tape.agent("payer", async (run) => pay(run, { cents: 250 }));
  const id = await start(agent);
  await driveOnce(world, agent);
  const [gate] = (await listGates(world.store, { runId: id })).items;
  expect(gate).toMatchObject({ payload: { cents: 250 } });
  expect(await effects(id)).toEqual([]);
  await decideGate(world.store, { id: gate!.id, outcome: "approved", fingerprint: gate!.fingerprint, actor: approver });
  await driveOnce(world, agent);
  expect(await effects(id)).toMatchObject([{ request: { amount: 2.5 }, summary: "Pay 2.5", status: "PENDING" }]);
  const { items } = await readJournal(world.store, { runId: id });
  expect(items.find(({ verb }) => verb === "intended")).toMatchObject({ payload: { gateId: gate!.id, dispatch: "OUTBOX" } });
});

test.each(["before", "after"])("D9 a reading that is under way while the run is parked ends nothing, answered %s its coroutine goes on", async (when) => {
  const tape = newTape();
  let drives = 0;
  const agent = tape.agent("waiter", async (run) => {
    drives += 1;
    return tape.awaitSignal(run, "go");
  });
  const id = await start(agent);
  let isHeldBack = false;
  let readOn = (): void => {};
  const drive = driveOf(world, agent, await claim(world, agent), {
    journal: (inner) => ({
      ...inner,
      read: async (fromSeq) => {
        if (!isHeldBack) return await inner.read(fromSeq);
        const seen = when === "after" ? await inner.read(fromSeq) : undefined;
        await new Promise<void>((resolve) => (readOn = resolve));
        return seen ?? (await inner.read(fromSeq));
      },
      commit: async (commit) => {
        isHeldBack = commit.end !== undefined;
        // As a hint does when somebody else writes to the run at this moment.
        if (isHeldBack) drive.poke();
        return await inner.commit(commit);
      },
    }),
  });
  expect(await drive.run()).toMatchObject({ status: "parked" });
  isHeldBack = false;
  await tape.sendSignal(id, "go", 7);
  const again = await claim(world, agent);
  const resumed = when === "after" ? drive.resume(again) : undefined;
  readOn();
  // Its answer is there before the coroutine goes on.
  if (!resumed) await new Promise((turned) => setTimeout(turned, 100));
  const ended = resumed ?? drive.resume(again);
  expect(await ended).toEqual({ status: "ended", as: "COMPLETED" });
  expect(await getRun(world.store, { id })).toMatchObject({ output: 7 });
  expect(drives).toBe(1);
});
