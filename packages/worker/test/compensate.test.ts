import { createTape, type AgentDefinition, type BodyContext, type Tape } from "@tape/sdk";
import { resolveObligation } from "@tape/store";
import { actors } from "@tape/store/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../src/testing/until.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const WHY = { reason: "wrong file" };

/** A bank that honours idempotency keys: what was wired, and what was reversed, in order. */
interface Bank {
  wires: number[];
  reversals: { n: number; key: string; attempt: number }[];
  /** Most reversals that were under way at the same time. */
  atOnce: number;
  /** What a reversal does before it is done. Default: nothing. */
  reverse(ctx: BodyContext, n: number): Promise<void>;
}

/** An agent that wires so many times, then waits for the signal `go`, or ends. */
function wirer(tape: Tape, { waits = true } = {}): { agent: AgentDefinition<number, unknown>; bank: Bank } {
  const bank: Bank = { wires: [], reversals: [], atOnce: 0, reverse: async () => {} };
  let underWay = 0;
  const wire = tape.effect<number, { wireId: number }>(
    "wire",
    {
      compensate: {
        name: "reverse-wire",
        run: async (ctx, { input, result }) => {
          bank.atOnce = Math.max(bank.atOnce, ++underWay);
          try {
            await bank.reverse(ctx, input);
            if (!bank.reversals.some(({ key }) => key === ctx.key)) bank.reversals.push({ n: result.wireId, key: ctx.key, attempt: ctx.attempt });
          } finally {
            underWay -= 1;
          }
        },
      },
    },
    async (_, n) => {
      bank.wires.push(n);
      return { wireId: n };
    },
  );
  const agent = tape.agent<number, unknown>("wirer", async (run, count) => {
    for (let n = 1; n <= count; n++) await wire(run, n);
    if (waits) await tape.awaitSignal(run, "go");
  });
  return { agent, bank };
}

/** A run that has wired so many times, is cancelled and is to be compensated. */
async function compensating(agent: AgentDefinition<number, unknown>, count: number): Promise<string> {
  const { id } = await world.tape.start(agent, count);
  await world.reaches(id, "WAITING");
  await world.tape.cancelRun(id, WHY);
  await world.tape.compensateRun(id, WHY);
  return id;
}

const reversed = ({ reversals }: Bank) => reversals.map(({ n }) => n);
const statuses = async (runId: string) => (await world.obligations(runId)).map(({ status }) => status);
const stepped = async (runId: string, entry: string) => (await world.journal(runId)).filter((each) => each === entry).length;

/** Brings the next attempt forward, and taps the walker on the shoulder as a hint would. */
async function hasten(runId: string): Promise<void> {
  await world.store.pool.query("UPDATE tape.obligations SET next_attempt_at = tape.now() WHERE run_id = $1 AND status = 'PENDING'", [runId]);
  world.store.hints.publish([{ on: "run", id: runId, seq: 1_000_000 }]);
}

test("O1 a run that went well keeps its obligations dormant, though the walks of others are made", async () => {
  const { agent, bank } = wirer(world.tape);
  await world.worker([agent]).start();
  const { id: well } = await world.tape.start(agent, 3);
  await world.reaches(well, "WAITING");
  await world.tape.sendSignal(well, "go");
  await world.reaches(well, "COMPLETED");
  const other = await compensating(agent, 1);
  await world.reaches(other, "COMPENSATED");
  expect(await statuses(well)).toEqual(["REGISTERED", "REGISTERED", "REGISTERED"]);
  expect(reversed(bank)).toEqual([1]);
});

test("O2 cancel, then compensate: newest first, one at a time, COMPENSATED; asked twice it is done once", async () => {
  const { agent, bank } = wirer(world.tape);
  bank.reverse = () => new Promise((resolve) => setImmediate(resolve));
  await Promise.all([world.worker([agent]), world.worker([agent])].map((worker) => worker.start()));
  const id = await compensating(agent, 5);
  await world.tape.compensateRun(id, { reason: "again" });
  await world.reaches(id, "COMPENSATED");
  await world.tape.compensateRun(id, { reason: "and again" });
  expect(reversed(bank)).toEqual([5, 4, 3, 2, 1]);
  expect(bank.atOnce).toBe(1);
  expect(bank.reversals.map(({ key, attempt }) => [key.endsWith("/undo/1"), attempt])).toEqual(Array.from({ length: 5 }, () => [true, 1]));
  expect(await statuses(id)).toEqual(Array.from({ length: 5 }, () => "COMPENSATED"));
  expect(await world.tape.getRun(id)).toMatchObject({ status: "COMPENSATED", endedAs: "CANCELLED", lease: null });
  expect(await stepped(id, "run.walk_claimed")).toBe(1);
});

test("a run that owes nothing is COMPENSATED by any worker", async () => {
  const agent = world.tape.agent<number, unknown>("idle", async (run) => world.tape.awaitSignal(run, "go"));
  await world.worker([agent]).start();
  const id = await compensating(agent, 0);
  await world.reaches(id, "COMPENSATED");
});

test("O3 compensate while a body still runs: waits for it, and takes back what it confirmed", async () => {
  const { tape } = world;
  const undone: number[] = [];
  let finish = (): void => {};
  const wire = tape.effect<number, number>("wire", { compensate: async (_, { result }) => void undone.push(result) }, async (_, n) => {
    if (n === 2) await new Promise<void>((resolve) => (finish = resolve));
    return n;
  });
  const agent = tape.agent("pair", async (run) => (await wire(run, 1)) + (await wire(run, 2)));
  const worker = world.worker([agent]);
  await worker.start();
  const { id } = await tape.start(agent, null);
  await until(async () => (await world.effects(id)).length === 2);
  await until(() => worker.stats().presence.steadyMs > 2_500);
  await tape.cancelRun(id, WHY);
  await tape.compensateRun(id, WHY);
  await until(async () => (await world.journal(id)).includes("run.cancel_noticed"));
  const passes = worker.stats().loops.compensation?.passes ?? 0;
  await until(() => (worker.stats().loops.compensation?.passes ?? 0) > passes + 1);
  expect(undone).toEqual([]);
  expect(await tape.getRun(id)).toMatchObject({ status: "COMPENSATING", settledAt: null });

  finish();
  await world.reaches(id, "COMPENSATED");
  expect(undone).toEqual([2, 1]);
});

test("O4 an effect that is not settled holds the walk until it is", async () => {
  const { tape } = world;
  const undone: number[] = [];
  let isAnswering = false;
  const wire = tape.effect<number, number>(
    "wire",
    { statusCheck: async (_, n) => (isAnswering ? { status: "confirmed", result: n } : { status: "inconclusive" }), compensate: async (_, { result }) => void undone.push(result) },
    async (ctx, n) => {
      if (n === 1) return n;
      return await new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(new Error("hung up"))));
    },
  );
  const agent = tape.agent("pair", async (run) => (await wire(run, 1)) + (await wire(run, 2)));
  const worker = world.worker([agent]);
  await worker.start();
  const { id } = await tape.start(agent, null);
  await until(async () => (await world.effects(id)).length === 2);
  await tape.cancelRun(id, WHY);
  await tape.compensateRun(id, WHY);
  await until(async () => (await tape.getRun(id)).settledAt);
  await until(() => worker.stats().presence.steadyMs > 2_500);
  const passes = worker.stats().loops.compensation?.passes ?? 0;
  await until(() => (worker.stats().loops.compensation?.passes ?? 0) > passes + 1);
  expect(undone).toEqual([]);
  expect((await world.effects(id)).map(({ status }) => status)).toEqual(["CONFIRMED", "UNKNOWN"]);

  isAnswering = true;
  await world.reaches(id, "COMPENSATED");
  expect(undone).toEqual([2, 1]);
});

test.each(["retry", "done", "waived"] as const)("O5 a compensator that fails five times: obligation and run STUCK, older ones untouched; %s continues the walk", async (outcome) => {
  const { agent, bank } = wirer(world.tape);
  const tried: number[] = [];
  let isBankDown = true;
  bank.reverse = async ({ attempt }, n) => {
    if (n !== 2) return;
    tried.push(attempt);
    if (isBankDown) throw new Error("the bank is down");
  };
  await world.worker([agent]).start();
  const id = await compensating(agent, 3);
  for (let failed = 1; failed < 5; failed++) {
    await until(async () => (await stepped(id, "obligation.attempt_failed")) === failed);
    expect(await world.tape.getRun(id)).toMatchObject({ status: "COMPENSATING" });
    await hasten(id);
  }
  await world.reaches(id, "STUCK");
  expect(tried).toEqual([1, 2, 3, 4, 5]);
  expect(await statuses(id)).toEqual(["REGISTERED", "STUCK", "COMPENSATED"]);
  expect(await world.tape.getRun(id)).toMatchObject({ endedAs: "CANCELLED", lease: null });
  expect(reversed(bank)).toEqual([3]);

  isBankDown = false;
  const stuck = (await world.obligations(id)).find(({ status }) => status === "STUCK")!;
  await resolveObligation(world.store, { id: stuck.id, outcome, reason: "talked to the bank", actor: actors.operator });
  await world.reaches(id, "COMPENSATED");
  expect(reversed(bank)).toEqual(outcome === "retry" ? [3, 2, 1] : [3, 1]);
  expect(await statuses(id)).toEqual(["COMPENSATED", outcome === "waived" ? "WAIVED" : "COMPENSATED", "COMPENSATED"]);
  const { rows } = await world.store.pool.query("SELECT action, target FROM tape.audit WHERE action LIKE 'obligation%'");
  expect(rows).toEqual([{ action: "obligation.resolve", target: stuck.id }]);
});

test("O5 waived between two attempts: the walk does not wait for the next one", async () => {
  const { agent, bank } = wirer(world.tape);
  bank.reverse = async (_, n) => {
    if (n === 2) throw new Error("the bank is down");
  };
  await world.worker([agent]).start();
  const id = await compensating(agent, 2);
  for (let failed = 1; failed < 4; failed++) {
    await until(async () => (await stepped(id, "obligation.attempt_failed")) === failed);
    if (failed < 3) await hasten(id);
  }
  const pending = (await world.obligations(id)).find(({ status }) => status === "PENDING")!;
  await resolveObligation(world.store, { id: pending.id, outcome: "waived", reason: "small sum", actor: actors.operator });
  await world.reaches(id, "COMPENSATED");
  expect(reversed(bank)).toEqual([1]);
});

test("O6 a walker that is stopped inside a compensator: another runs it again with the same key", async () => {
  const { agent, bank } = wirer(world.tape);
  const keys: string[] = [];
  bank.reverse = async ({ key, signal }) => {
    keys.push(key);
    if (keys.length === 1) await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
  };
  const first = world.worker([agent], { graceMs: 0 });
  await first.start();
  const id = await compensating(agent, 1);
  await until(() => keys.length === 1);
  await first.stop();
  expect(await world.tape.getRun(id)).toMatchObject({ status: "COMPENSATING", lease: null });

  await world.worker([agent]).start();
  await world.reaches(id, "COMPENSATED");
  expect(keys).toEqual([keys[0], keys[0]]);
  expect(bank.reversals).toMatchObject([{ n: 1, attempt: 1 }]);
});

test("O6 a compensator that hangs is found by its lease; what it says after that is not heard", async () => {
  const { agent, bank } = wirer(world.tape);
  const keys: string[] = [];
  let finish = (): void => {};
  bank.reverse = async ({ key }) => {
    keys.push(key);
    if (keys.length === 1) await new Promise<void>((resolve) => (finish = resolve));
  };
  await world.worker([agent], { leaseTtlMs: 2_000 }).start();
  const id = await compensating(agent, 1);
  await world.reaches(id, "COMPENSATED");
  finish();
  expect(keys).toEqual([keys[0], keys[0]]);
  expect(await stepped(id, "run.walk_claimed")).toBe(2);
  expect(await stepped(id, "obligation.compensated")).toBe(1);
});

test("C7 a compensator longer than its lease keeps it by its heartbeat", async () => {
  const { agent, bank } = wirer(world.tape);
  let calls = 0;
  bank.reverse = async (ctx) => {
    calls += 1;
    const begun = performance.now();
    await until(async () => {
      await ctx.heartbeat();
      return performance.now() - begun > 3_500;
    });
  };
  await world.worker([agent], { leaseTtlMs: 2_000 }).start();
  const id = await compensating(agent, 1);
  await world.reaches(id, "COMPENSATED");
  expect(calls).toBe(1);
  expect(await stepped(id, "run.walk_claimed")).toBe(1);
});

test("O7 a compensator that is not loaded here is left to a worker that has it, and the run says so", async () => {
  const { agent, bank } = wirer(world.tape);
  const full = world.worker([agent]);
  await full.start();
  const { id } = await world.tape.start(agent, 2);
  await world.reaches(id, "WAITING");
  await full.stop();

  const bare = createTape({ app: "test" });
  const poor = world.worker([bare.agent("other", async () => null)], { tape: bare });
  await poor.start();
  await world.tape.cancelRun(id, WHY);
  await world.tape.compensateRun(id, WHY);
  await until(async () => (await world.tape.getRun(id)).whyWaiting.some(({ code }) => code === "no_compensator"));
  await until(() => poor.stats().presence.steadyMs > 2_500);
  const passes = poor.stats().loops.compensation?.passes ?? 0;
  await until(() => (poor.stats().loops.compensation?.passes ?? 0) > passes + 1);
  expect(await world.journal(id)).not.toContain("run.walk_claimed");
  expect(bank.reversals).toEqual([]);

  await world.worker([agent]).start();
  await world.reaches(id, "COMPENSATED");
  expect(reversed(bank)).toEqual([2, 1]);
});

test("a stop between two reversals gives the walk back, and the next worker goes on where it was", async () => {
  const { agent, bank } = wirer(world.tape);
  let finish = (): void => {};
  bank.reverse = async (_, n) => {
    if (n === 3) await new Promise<void>((resolve) => (finish = resolve));
  };
  const first = world.worker([agent]);
  await first.start();
  const id = await compensating(agent, 3);
  await until(async () => (await stepped(id, "obligation.armed")) === 1);
  await until(() => bank.atOnce === 1);
  const stopping = first.stop();
  finish();
  await stopping;
  expect(reversed(bank)).toEqual([3]);
  expect(await world.tape.getRun(id)).toMatchObject({ status: "COMPENSATING", lease: null });
  await world.worker([agent]).start();
  await world.reaches(id, "COMPENSATED");
  expect(reversed(bank)).toEqual([3, 2, 1]);
});
