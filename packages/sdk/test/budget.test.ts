import type { Entry } from "@tape/core";
import { cancelRun, decideGate, getGate, getRun, listGates, readJournal, startRun } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BudgetExceeded, createTape, replayJournal, type AgentBudget, type AgentDefinition, type BudgetQuestion, type Estimate, type Run } from "../src/index.ts";
import { atEveryBoundary, dieAt } from "./boundaries.ts";
import { claim, driveOf, driveOnce, expireLeases, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const people = {
  ann: { id: "user:ann@example.com", email: "ann@example.com", role: "approver" },
  olga: { id: "user:olga@example.com", email: "olga@example.com", role: "operator" },
} as const;

async function start(agent: AgentDefinition, budget?: { capMicroUsd?: number; capTokens?: number }, input: unknown = {}): Promise<string> {
  const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input, startedBy: "user:ann@example.com", ...(budget && { budget }) });
  return run.id;
}
const journal = async (runId: string) => (await readJournal(world.store, { runId, limit: 1_000 })).items;
const budgetOf = (entries: readonly Entry[]) => entries.filter((entry) => entry.kind === "budget");
const verbs = (entries: readonly Entry[]) => entries.map(({ kind, verb }) => `${kind}.${verb}`);

interface Row {
  cap: [number | null, number | null];
  spent: [number, number];
  reserved: [number, number];
}
/** Micro-dollars and tokens. */
async function row(runId: string): Promise<Row> {
  const { rows } = await world.store.pool.query<Row>(
    `SELECT json_build_array(cap_micro_usd, cap_tokens) AS cap, json_build_array(spent_micro_usd, spent_tokens) AS spent,
       json_build_array(reserved_micro_usd, reserved_tokens) AS reserved FROM tape.runs WHERE id = $1`,
    [runId],
  );
  return rows[0]!;
}

/** Model calls that were made, and an agent of code that makes them: each answer costs so many micro-dollars, and ten tokens. */
function agentOf<Output>(app: string, code: (run: Run, ask: Ask, input: never) => Promise<Output>, budget?: AgentBudget) {
  const calls: string[] = [];
  const tape = createTape({ app });
  const asking = (run: Run): Ask => (name, costMicroUsd, { estimate, model = "m" } = {}) =>
    run.decide(name, { model, request: { name }, ...(estimate && { estimate }) }, () => {
      calls.push(name);
      return { name, usage: { inputTokens: 6, outputTokens: 4 }, costMicroUsd };
    });
  const agent = tape.agent("spends", budget ? { budget } : {}, (run, input: never) => code(run, withCost(asking, run), input));
  return { tape, calls, agent: agent as unknown as AgentDefinition };
}
type Ask = (name: string, costMicroUsd: number, options?: { estimate?: Estimate; model?: string }) => Promise<unknown>;

/** The default reading knows no prices: the answers say theirs. */
function withCost(asking: (run: Run) => Ask, run: Run): Ask {
  const decide: Run["decide"] = (name, request, call) =>
    run.decide(name, { ...request, read: (answer) => ({ usage: { inputTokens: 6, outputTokens: 4, costMicroUsd: (answer as { costMicroUsd: number }).costMicroUsd } }) }, call);
  return asking({ ...run, decide });
}

const caught = (error: unknown) => (error instanceof BudgetExceeded ? { code: error.code, cap: error.cap, spent: error.spent, asked: error.asked } : "another error");

test("an estimate is set aside with the question, before the model is called, and settled with the answer", async () => {
  const { agent, calls } = agentOf("settles", (_run, ask) => ask("plan", 40, { estimate: { costMicroUsd: 70, tokens: 25 } }));
  const id = await start(agent, { capMicroUsd: 100, capTokens: 50 });
  // Its first commit went through; the answer is lost with its driver.
  expect(await dieAt(world, agent, 1)).toBe(true);
  expect(verbs(await journal(id)).slice(2)).toEqual(["budget.reserved", "decision.asked"]);
  expect(await row(id)).toEqual({ cap: [100, 50], spent: [0, 0], reserved: [70, 25] });
  expect(calls).toEqual([]);
  await expireLeases(world);
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  const entries = await journal(id);
  const { key } = budgetOf(entries)[0]!.payload;
  expect(budgetOf(entries).map(({ verb, payload }) => ({ verb, ...payload }))).toEqual([
    { verb: "reserved", key, microUsd: 70, tokens: 25 },
    { verb: "settled", key, microUsd: 40, tokens: 10 },
  ]);
  expect(verbs(entries).slice(-3)).toEqual(["decision.answered", "budget.settled", "run.completed"]);
  expect(await row(id)).toEqual({ cap: [100, 50], spent: [40, 10], reserved: [0, 0] });
});

test("the first answer may go over, the next call is refused without its model: the same on every drive", async () => {
  const { agent, calls } = agentOf("overshoots", async (_run, ask) => {
    await ask("first", 120);
    return await ask("second", 1, { estimate: { costMicroUsd: 5, tokens: 0 } }).catch(caught);
  });
  const id = await start(agent, { capMicroUsd: 100 });
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  const refused = { code: "budget_exceeded", cap: { microUsd: 100 }, spent: { microUsd: 120, tokens: 10 }, asked: { decision: "second", microUsd: 5, tokens: 0 } };
  expect((await getRun(world.store, { id })).output).toEqual(refused);
  expect(calls).toEqual(["first"]);
  const entries = await journal(id);
  expect(verbs(entries).slice(-4)).toEqual(["decision.asked", "budget.exceeded", "decision.failed", "run.completed"]);
  expect(budgetOf(entries).at(-1)?.payload).toMatchObject({ cap: { microUsd: 100 }, spent: { microUsd: 120, tokens: 10 }, asked: { microUsd: 5, tokens: 0 } });
  expect(await replayJournal(agent, entries)).toEqual({ ended: { ok: true, output: refused }, asks: [], nondeterminism: null });
  expect(await row(id)).toEqual({ cap: [100, null], spent: [120, 10], reserved: [0, 0] });
});

test("uncaught, it fails the run and says what to do", async () => {
  const { agent } = agentOf("fails", (_run, ask) => ask("plan", 1, { estimate: { tokens: 51 } }));
  const id = await start(agent, { capTokens: 50 });
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "FAILED" });
  expect((await getRun(world.store, { id })).error).toMatchObject({ name: "BudgetExceeded", code: "budget_exceeded", message: expect.stringMatching(/0 of 50 tokens are spent.*51 more were asked for.*higher cap/) });
});

test("without an estimate a call is taken to cost what the last of its name did, else of its model", async () => {
  const { agent, calls } = agentOf("guesses", async (_run, ask) => {
    await ask("plan", 30, { model: "large" });
    await ask("check", 5, { model: "small" });
    await ask("plan", 30, { model: "small" });
    await ask("other", 5, { model: "small" });
    return await ask("plan", 30, { model: "tiny" }).catch(caught);
  });
  const id = await start(agent, { capMicroUsd: 99 });
  await driveOnce(world, agent);
  expect(budgetOf(await journal(id)).flatMap((entry) => (entry.verb === "reserved" ? [entry.payload.microUsd] : []))).toEqual([0, 0, 30, 30]);
  expect((await getRun(world.store, { id })).output).toMatchObject({ spent: { microUsd: 70 }, asked: { decision: "plan", microUsd: 30 } });
  expect(calls).toEqual(["plan", "check", "plan", "other"]);
});

test("branches that ask at once cannot set aside more than there is", async () => {
  const { agent, calls } = agentOf("branches", (_run, ask) => Promise.all(["a", "b", "c"].map((name) => ask(name, 10, { estimate: { costMicroUsd: 40 } }).then(() => "asked", caught))));
  const id = await start(agent, { capMicroUsd: 100 });
  await driveOnce(world, agent);
  expect((await getRun(world.store, { id })).output).toMatchObject(["asked", "asked", { spent: { microUsd: 80 } }]);
  expect(calls).toEqual(["a", "b"]);
  expect(await row(id)).toMatchObject({ spent: [20, 20], reserved: [0, 0] });
});

test("a call that fails gives back what was set aside; an answer that does not say its cost is charged at the estimate", async () => {
  const { tape } = agentOf("quirks", async () => null);
  const estimate = { costMicroUsd: 40, tokens: 20 };
  const agent = tape.agent("quirky", async (run) => {
    await run.decide("fails", { model: "m", request: 1, estimate }, () => Promise.reject(new Error("429"))).catch(() => null);
    await run.decide("silent", { model: "m", request: 1, estimate }, () => "no usage");
    await run.decide("unpriced", { model: "m", request: 1, estimate }, () => ({ usage: { inputTokens: 1, outputTokens: 2 } }));
  });
  const id = await start(agent, { capMicroUsd: 1_000 });
  await driveOnce(world, agent);
  expect(budgetOf(await journal(id)).flatMap((entry) => (entry.verb === "settled" ? [[entry.payload.microUsd, entry.payload.tokens]] : []))).toEqual([[0, 0], [40, 20], [40, 3]]);
  expect(await row(id)).toMatchObject({ spent: [80, 23], reserved: [0, 0] });
});

test("D42 an answer that never comes stays charged at its estimate", async () => {
  const { agent } = agentOf("lost", (_run, ask) => ask("plan", 40, { estimate: { costMicroUsd: 70 } }));
  const id = await start(agent, { capMicroUsd: 100 });
  expect(await dieAt(world, agent, 1)).toBe(true);
  await expireLeases(world);
  await cancelRun(world.store, { id, reason: "enough", actor: people.olga });
  expect(await row(id)).toMatchObject({ spent: [0, 0], reserved: [70, 0] });
});

test("D42 killed at every boundary, each decision is set aside once, charged once, and refused by the same sums", async () => {
  const { agent, calls } = agentOf("killed", async (_run, ask) => {
    await ask("first", 30, { estimate: { costMicroUsd: 50 } });
    const both = await Promise.all([ask("left", 20, { estimate: { costMicroUsd: 30 } }), ask("right", 15)].map((answer) => answer.then(() => "asked", caught)));
    return [both, await ask("last", 99, { estimate: { costMicroUsd: 60 } }).catch(caught)];
  });
  const boundaries = await atEveryBoundary(world, agent, () => start(agent, { capMicroUsd: 110 }), async (id, boundary) => {
    const at = `boundary ${boundary}`;
    const run = await getRun(world.store, { id });
    expect(run, at).toMatchObject({ status: "COMPLETED", output: [["asked", "asked"], { code: "budget_exceeded", spent: { microUsd: 65, tokens: 30 } }] });
    expect(await row(id), at).toEqual({ cap: [110, null], spent: [65, 30], reserved: [0, 0] });
    const told = budgetOf(await journal(id));
    for (const verb of ["reserved", "settled"]) {
      const keys = told.filter((entry) => entry.verb === verb).map(({ payload }) => payload.key);
      expect([keys.length, new Set(keys).size], `${verb}, ${at}`).toEqual([3, 3]);
    }
    // The guess of the one without an estimate is the same, whoever answered before the death or after it.
    expect(told.flatMap((entry) => (entry.verb === "reserved" ? [entry.payload.microUsd] : [])), at).toEqual([50, 30, 30]);
    expect(told.filter(({ verb }) => verb === "exceeded").length, at).toBe(1);
  });
  expect(boundaries).toBeGreaterThanOrEqual(8);
  expect(calls).not.toContain("last");
});

test("an agent's budget holds for runs that are started without any, and is written to them", async () => {
  const { agent } = agentOf("defaults", (_run, ask) => ask("plan", 40).then(() => ask("plan", 40)), { capMicroUsd: 50 });
  const own = await start(agent);
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "FAILED" });
  expect(await row(own)).toMatchObject({ cap: [50, null], spent: [40, 10] });
  expect(budgetOf(await journal(own))[0]).toMatchObject({ verb: "reserved", payload: { cap: { microUsd: 50 } } });
  const given = await start(agent, { capTokens: 1_000 });
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  expect(await row(given)).toMatchObject({ cap: [null, 1_000], spent: [80, 20] });
});

test("a run without a budget sets nothing aside, unless its code says what a call may cost", async () => {
  const { agent } = agentOf("free", (_run, ask) => ask("plan", 40).then(() => ask("sure", 7, { estimate: { costMicroUsd: 9 } })));
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(budgetOf(await journal(id)).map(({ verb }) => verb)).toEqual(["reserved", "settled"]);
  expect(await row(id)).toEqual({ cap: [null, null], spent: [47, 20], reserved: [0, 0] });
});

test("what is no estimate, and what is no cap, is refused", async () => {
  const { agent, calls, tape } = agentOf("rubbish", async (_run, ask) => {
    for (const estimate of [{ tokens: -1 }, { costMicroUsd: 0.5 }, { tokens: Number.NaN }]) await ask("plan", 1, { estimate });
  });
  const id = await start(agent);
  await driveOnce(world, agent);
  expect((await getRun(world.store, { id })).error).toMatchObject({ code: "invalid_input" });
  expect(calls).toEqual([]);
  expect(() => tape.agent("odd", { budget: { capTokens: 0 } }, async () => null)).toThrow(/whole numbers above 0/);
});

/** An agent of three calls of 40 with a cap of 60, and a gate for more. */
function gated(app: string, timeoutMs?: number) {
  const tape = createTape({ app });
  const form = [
    { name: "addMicroUsd", label: "Micro-dollars more", type: "number" as const, required: false },
    { name: "addTokens", label: "Tokens more", type: "number" as const, required: false },
  ];
  const onExceeded = tape.gateTool<BudgetQuestion>("more-budget", { form, ...(timeoutMs !== undefined && { timeoutMs }) });
  return agentOf(
    app,
    async (_run, ask) => {
      const answers: unknown[] = [];
      for (const name of ["one", "two", "three"]) answers.push(await ask(name, 40).then(() => name, caught));
      return answers;
    },
    { capMicroUsd: 60, onExceeded },
  );
}

async function openGate(runId: string) {
  const [open] = (await listGates(world.store, { runId, status: "OPEN" })).items;
  return await getGate(world.store, { id: open!.id });
}

async function decide(runId: string, outcome: "approved" | "rejected", values?: Record<string, unknown>): Promise<void> {
  const { id, fingerprint } = await openGate(runId);
  await decideGate(world.store, { id, outcome, fingerprint, actor: people.ann, ...(values && { values }) });
}

test("over the cap the budget's gate is asked: the run parks, and an approval raises the caps in the journal", async () => {
  const { agent, calls } = gated("gated");
  const id = await start(agent);
  const drive = driveOf(world, agent, await claim(world, agent));
  expect(await drive.run()).toMatchObject({ status: "parked" });
  expect((await getRun(world.store, { id })).whyWaiting).toMatchObject([{ code: "gate" }]);
  expect((await openGate(id)).payload).toEqual({ cap: { microUsd: 60 }, spent: { microUsd: 40, tokens: 10 }, asked: { decision: "two", microUsd: 40, tokens: 10 } });
  await decide(id, "approved", { addMicroUsd: 60 });
  expect(await drive.resume(await claim(world, agent))).toEqual({ status: "ended", as: "COMPLETED" });
  expect((await getRun(world.store, { id })).output).toEqual(["one", "two", "three"]);
  expect(calls).toEqual(["one", "two", "three"]);
  const raised = budgetOf(await journal(id)).filter(({ verb }) => verb === "raised");
  expect(raised.map(({ payload }) => payload)).toMatchObject([{ by: people.ann.id, added: { microUsd: 60, tokens: 0 }, cap: { microUsd: 120 } }]);
  expect(await row(id)).toEqual({ cap: [120, null], spent: [120, 30], reserved: [0, 0] });
  const entries = await journal(id);
  expect(await replayJournal(agent, entries)).toMatchObject({ ended: { ok: true, output: ["one", "two", "three"] }, asks: [] });
});

test("an approval without values lets one call through; the next asks again, and a rejection is BudgetExceeded", async () => {
  const { agent, calls } = gated("gated-once");
  const id = await start(agent);
  await driveOnce(world, agent);
  await decide(id, "approved");
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  expect(calls).toEqual(["one", "two"]);
  await decide(id, "rejected");
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  expect((await getRun(world.store, { id })).output).toEqual(["one", "two", { code: "budget_exceeded", cap: { microUsd: 60 }, spent: { microUsd: 80, tokens: 20 }, asked: { decision: "three", microUsd: 40, tokens: 10 } }]);
  expect(await row(id)).toMatchObject({ cap: [60, null], spent: [80, 20] });
});

test("D42 killed at every boundary before and after the gate's decision: asked once, raised once, charged once", async () => {
  const { agent } = gated("gated-killed");
  const parked = async () => {
    const id = await start(agent);
    expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
    return id;
  };
  const before = await atEveryBoundary(world, agent, () => start(agent), async (id, boundary) => {
    expect((await getRun(world.store, { id })).status, `boundary ${boundary}`).toBe("WAITING");
    expect((await listGates(world.store, { runId: id })).items, `boundary ${boundary}`).toHaveLength(1);
    await cancelRun(world.store, { id, reason: "seen", actor: people.olga });
  });
  const after = await atEveryBoundary(
    world,
    agent,
    async () => {
      const id = await parked();
      await decide(id, "approved", { addMicroUsd: 60 });
      return id;
    },
    async (id, boundary) => {
      const at = `boundary ${boundary} after`;
      expect(await getRun(world.store, { id }), at).toMatchObject({ status: "COMPLETED", output: ["one", "two", "three"] });
      expect(await row(id), at).toEqual({ cap: [120, null], spent: [120, 30], reserved: [0, 0] });
      expect(budgetOf(await journal(id)).map(({ verb }) => verb), at).toEqual(["reserved", "settled", "exceeded", "raised", "reserved", "settled", "reserved", "settled"]);
    },
  );
  expect(before).toBeGreaterThan(4);
  expect(after).toBeGreaterThan(4);
});

test("a call begun by hand is refused, and let through, like any other", async () => {
  const tape = createTape({ app: "by-hand" });
  const onExceeded = tape.gateTool<BudgetQuestion>("more-budget", {});
  const agent = tape.agent("begins", { budget: { capTokens: 5, onExceeded } }, async (run) => {
    const begun = await run.beginDecision<string>("plan", { model: "m", request: {}, estimate: { tokens: 9 } });
    return begun.recorded ? begun.response : await begun.answer("done");
  });
  for (const outcome of ["approved", "rejected"] as const) {
    const id = await start(agent);
    expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
    await decide(id, outcome);
    expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: outcome === "approved" ? "COMPLETED" : "FAILED" });
    const { error, output } = await getRun(world.store, { id });
    expect(outcome === "approved" ? output : error?.code).toBe(outcome === "approved" ? "done" : "budget_exceeded");
  }
});
