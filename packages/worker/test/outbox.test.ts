import { BusinessKeyTaken, defineConnector, type ConnectorContext, type ConnectorOptions, type DispatchResult, type ObserveResult } from "@tape/sdk";
import { listObligations, resolveEffect } from "@tape/store";
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
type Intent = { to: string; cents: number };

/** A bank that keeps a ledger: every call it got, and what it did. */
function bank(options: Partial<ConnectorOptions> = {}) {
  const calls: { key: string; businessKey: string | null; attempt: number; intent: unknown }[] = [];
  const wires: string[] = [];
  const answers: ((ctx: ConnectorContext) => DispatchResult | Promise<DispatchResult>)[] = [];
  const connector = defineConnector({
    name: "bank",
    dispatch: async (ctx, intent) => {
      calls.push({ key: ctx.key, businessKey: ctx.businessKey, attempt: ctx.attempt, intent });
      const answer = answers.shift();
      if (answer) return await answer(ctx);
      wires.push(ctx.key);
      return { status: "confirmed", result: { id: `w${wires.length}` }, externalRef: `bank/${wires.length}` };
    },
    ...options,
  });
  return { connector, calls, wires, answers };
}

const hasten = async (runId: string) => {
  await world.store.pool.query("UPDATE tape.effects SET due_at = CASE WHEN due_at IS NOT NULL THEN tape.now() END, next_check_at = CASE WHEN next_check_at IS NOT NULL THEN tape.now() END WHERE run_id = $1 AND claim IS NULL", [runId]);
  world.store.hints.publish([{ on: "reactors" }]);
};
const stepped = async (runId: string, entry: string) => (await world.journal(runId)).filter((each) => each === entry).length;
const effectIs = (runId: string, status: string) => until(async () => (await world.effects(runId))[0]?.status === status, { what: `the effect becoming ${status}` });

test("an outbox tool: the intent is committed, sent once by a worker, and the run goes on with the outcome, the same on a later drive", async () => {
  const { tape } = world;
  const { connector, calls } = bank();
  const pay = tape.outboxTool<Intent, { id: string }>(
    "pay",
    { connector, semantics: "NON_IDEMPOTENT", businessKey: ({ to }) => `inv-${to}`, summary: (intent, result) => (result ? `Paid ${(intent as Intent).to}` : "Pays") },
    ({ to, cents }) => ({ creditor: to, amount: cents / 100 }),
  );
  const agent = tape.agent<null, unknown>("payer", async (run) => {
    const { id } = await pay(run, { to: "acme", cents: 1250 });
    return [id, await tape.awaitSignal(run, "go")];
  });
  const first = world.worker([agent]);
  await first.start();
  const { id } = await tape.start(agent, null);
  await until(async () => (await tape.getRun(id)).whyWaiting.some(({ code }) => code === "signal"));
  expect(calls).toMatchObject([{ businessKey: "inv-acme", attempt: 1, intent: { creditor: "acme", amount: 12.5 } }]);
  expect(await world.effects(id)).toMatchObject([{ status: "CONFIRMED", dispatch: "OUTBOX", request: { creditor: "acme", amount: 12.5 }, response: { id: "w1" }, externalRef: "bank/1", businessKey: "inv-acme", key: calls[0]!.key }]);
  await first.stop();
  await world.worker([agent]).start();
  await tape.sendSignal(id, "go", 1);
  await world.reaches(id, "COMPLETED");
  expect((await tape.getRun(id)).output).toEqual(["w1", 1]);
  expect(calls).toHaveLength(1);
  expect((await world.journal(id)).filter((entry) => entry.startsWith("effect."))).toEqual(["effect.intended", "effect.in_flight", "effect.confirmed", "effect.delivered"]);
});

test("E4 the connector answers unknown once, NON_IDEMPOTENT: never sent again by itself; the observation settles it; one wire", async () => {
  const { tape } = world;
  let observed: ObserveResult = { status: "inconclusive" };
  const { connector, calls, answers } = bank({ observe: () => observed });
  answers.push(() => ({ status: "unknown" }));
  const pay = tape.outboxTool("pay", { connector, semantics: "NON_IDEMPOTENT" }, (input) => input);
  const agent = tape.agent("payer", async (run) => pay(run, 1));
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await effectIs(id, "UNKNOWN");
  await until(async () => (await stepped(id, "effect.observed")) >= 1);
  expect((await tape.getRun(id)).whyWaiting).toMatchObject([{ code: "effect_unsettled" }]);
  observed = { status: "confirmed", result: { id: "w1" }, externalRef: "bank/1" };
  await hasten(id);
  await world.reaches(id, "COMPLETED");
  expect((await tape.getRun(id)).output).toEqual({ id: "w1" });
  expect(calls).toHaveLength(1);
});

test.each(["IDEMPOTENT", "NON_IDEMPOTENT"] as const)("E7 %s observed absent", async (semantics) => {
  const { tape } = world;
  const { connector, calls, answers } = bank({ observe: () => ({ status: "absent" }) });
  answers.push(() => ({ status: "unknown" }));
  const pay = tape.outboxTool("pay", { connector, semantics }, (input) => input);
  const agent = tape.agent("payer", async (run) => pay(run, 1));
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  if (semantics === "NON_IDEMPOTENT") {
    await until(async () => (await world.effects(id))[0]?.needsPerson);
    expect((await tape.getRun(id)).whyWaiting).toMatchObject([{ code: "effect_needs_person" }]);
    expect(calls).toHaveLength(1);
    await resolveEffect(world.store, { id: (await world.effects(id))[0]!.id, outcome: "retry", reason: "absent there", actor: actors.operator });
  }
  await world.reaches(id, "COMPLETED");
  expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(calls[1]!.key).toBe(calls[0]!.key);
});

test.each([
  ["IDEMPOTENT", "effect.attempt_failed"],
  ["NON_IDEMPOTENT", "effect.unknown"],
] as const)("D23 what dispatch throws: %s says %s", async (semantics, entry) => {
  const { tape } = world;
  const { connector, calls, answers } = bank({ observe: () => ({ status: "confirmed", result: "seen" }) });
  answers.push(() => Promise.reject(new Error("connection reset")));
  const pay = tape.outboxTool("pay", { connector, semantics }, (input) => input);
  const agent = tape.agent("payer", async (run) => pay(run, 1));
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await until(async () => (await stepped(id, entry)) === 1);
  await hasten(id);
  await world.reaches(id, "COMPLETED");
  expect(calls).toHaveLength(semantics === "IDEMPOTENT" ? 2 : 1);
});

test("E8 seen twice: the run goes on, and the extra copy alone is reversed by the connector although the run is fine", async () => {
  const { tape } = world;
  const reversed: unknown[] = [];
  const { connector, answers } = bank({
    observe: () => ({ status: "duplicate", refs: ["b1", "b2"], result: { id: "b1" } }),
    compensate: ({ key }, { externalRef, intent }) => {
      reversed.push({ externalRef, intent, key });
      return { status: "compensated" };
    },
  });
  answers.push(() => ({ status: "unknown" }));
  const pay = tape.outboxTool("pay", { connector, semantics: "NON_IDEMPOTENT" }, (input) => input);
  const agent = tape.agent("payer", async (run) => pay(run, 7));
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await world.reaches(id, "COMPLETED");
  const { key } = (await world.effects(id))[0]!;
  await until(() => reversed.length === 1);
  await until(async () => (await world.obligations(id))[1]?.status === "COMPENSATED");
  expect(reversed).toEqual([{ externalRef: "b2", intent: 7, key: `${key}/undo/2` }]);
  expect((await world.obligations(id)).map(({ kind, status }) => [kind, status])).toEqual([["bank/undo", "REGISTERED"], ["bank/undo", "COMPENSATED"]]);
  expect((await tape.getRun(id)).status).toBe("COMPLETED");
});

test("E9 the same business key from two runs: the second is told which run has it, on every drive; one intent exists", async () => {
  const { tape } = world;
  const { connector, calls } = bank();
  const pay = tape.outboxTool<string, unknown>("pay", { connector, semantics: "NON_IDEMPOTENT", businessKey: (invoice) => invoice }, (invoice) => ({ invoice }));
  const seen: unknown[] = [];
  const agent = tape.agent<string, unknown>("payer", async (run, invoice) => {
    try {
      await pay(run, invoice);
    } catch (error) {
      seen.push([error instanceof BusinessKeyTaken, (error as BusinessKeyTaken).runId]);
    }
    await tape.awaitSignal(run, "go");
  });
  const first = world.worker([agent]);
  await first.start();
  const { id: one } = await tape.start(agent, "inv-1");
  await until(async () => (await tape.getRun(one)).whyWaiting.some(({ code }) => code === "signal"));
  const { id: two } = await tape.start(agent, "inv-1");
  await world.reaches(two, "WAITING");
  expect(await world.effects(two)).toEqual([]);
  await first.stop();
  await world.worker([agent]).start();
  await tape.sendSignal(two, "go");
  await world.reaches(two, "COMPLETED");
  expect(seen).toEqual([[true, one], [true, one]]);
  expect(calls.map(({ businessKey }) => businessKey)).toEqual(["inv-1"]);
});

test("cancel before it is in flight: FAILED (cancelled), and it is never sent", async () => {
  const { tape } = world;
  const { connector, calls, answers } = bank({ concurrency: 1 });
  let open = (): void => {};
  answers.push(async () => {
    await new Promise<void>((resolve) => (open = resolve));
    return { status: "confirmed" };
  });
  const pay = tape.outboxTool<string, unknown>("pay", { connector, semantics: "NON_IDEMPOTENT", businessKey: (to) => to }, (input) => input);
  const agent = tape.agent<string, unknown>("payer", async (run, to) => pay(run, to));
  const worker = world.worker([agent]);
  await worker.start();
  const { id: one } = await tape.start(agent, "acme");
  await until(() => calls.length === 1);
  const { id: two } = await tape.start(agent, "beta");
  await world.reaches(two, "WAITING");
  expect((await tape.getRun(two)).whyWaiting).toMatchObject([{ code: "effect_unsettled", sentence: expect.stringContaining("sent") as string }]);
  await tape.cancelRun(two, WHY);
  expect(await world.effects(two)).toMatchObject([{ status: "FAILED", error: { name: "RunCancelled" } }]);
  open();
  await world.reaches(one, "COMPLETED");
  // Its business key is free again.
  const { id: three } = await tape.start(agent, "beta");
  await world.reaches(three, "COMPLETED");
  expect(calls.map(({ intent }) => intent)).toEqual(["acme", "beta"]);
  expect(await world.journal(two)).not.toContain("effect.in_flight");
});

test("waitForResult: false answers with the effect's id once it is intended, the same on every drive; the run is COMPLETED with one unsettled, and then none", async () => {
  const { tape } = world;
  const { connector, calls, answers } = bank();
  let open = (): void => {};
  answers.push(async () => {
    await new Promise<void>((resolve) => (open = resolve));
    return { status: "confirmed", result: "late" };
  });
  const pay = tape.outboxTool("pay", { connector, waitForResult: false, compensate: async () => {} }, (input) => input);
  const given: string[] = [];
  const agent = tape.agent("payer", async (run) => {
    given.push((await pay(run, 1)).effectId);
    await tape.awaitSignal(run, "go");
  });
  const first = world.worker([agent], { graceMs: 60_000 });
  await first.start();
  const { id } = await tape.start(agent, null);
  await until(() => calls.length === 1);
  await world.reaches(id, "WAITING");
  const second = world.worker([agent]);
  await world.store.pool.query("UPDATE tape.runs SET epoch = epoch + 1 WHERE id = $1", [id]);
  await second.start();
  await tape.sendSignal(id, "go");
  await world.reaches(id, "COMPLETED");
  expect(await tape.getRun(id)).toMatchObject({ status: "COMPLETED", unsettled: 1 });
  const [effect] = await world.effects(id);
  expect(effect).toMatchObject({ status: "PENDING" });
  expect(given.length).toBeGreaterThan(1);
  expect(new Set(given)).toEqual(new Set([effect!.id]));
  open();
  await effectIs(id, "CONFIRMED");
  expect(await tape.getRun(id)).toMatchObject({ status: "COMPLETED", unsettled: 0 });
  expect((await listObligations(world.store, { runId: id })).items).toMatchObject([{ kind: "pay/undo", status: "REGISTERED" }]);
});

test("D24 what the code raced is left to the outbox: the run ends without it", async () => {
  const { tape } = world;
  const { connector, answers, calls } = bank();
  let open = (): void => {};
  answers.push(async () => {
    await new Promise<void>((resolve) => (open = resolve));
    return { status: "failed", error: new Error("too late") };
  });
  const pay = tape.outboxTool("pay", { connector }, (input) => input);
  const agent = tape.agent("racer", async (run) => Promise.race([pay(run, 1), run.sleep(50).then(() => "slept")]));
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await world.reaches(id, "COMPLETED");
  expect(await tape.getRun(id)).toMatchObject({ output: "slept", unsettled: 1 });
  await until(() => calls.length === 1);
  open();
  await effectIs(id, "FAILED");
});

test("a compensated run: what a connector can take back is taken back by it; a final refusal is STUCK at once", async () => {
  const { tape } = world;
  const asked: unknown[] = [];
  const { connector } = bank({
    compensate: (_, { externalRef }) => {
      asked.push(externalRef);
      return externalRef === "bank/1" ? { status: "failed", error: "the account is closed" } : { status: "compensated" };
    },
  });
  const pay = tape.outboxTool("pay", { connector }, (input) => input);
  const agent = tape.agent("payer", async (run) => {
    await pay(run, 1);
    await pay(run, 2);
  });
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await world.reaches(id, "COMPLETED");
  await tape.compensateRun(id, WHY);
  await world.reaches(id, "STUCK");
  expect(asked).toEqual(["bank/2", "bank/1"]);
  expect((await world.obligations(id)).map(({ status, attempts }) => [status, attempts])).toEqual([["STUCK", 1], ["COMPENSATED", 1]]);
});

test("a connector sends as many at a time as it may, and a worker that stops leaves what it was sending UNKNOWN, never sent twice", async () => {
  const { tape } = world;
  let atOnce = 0;
  let most = 0;
  const { connector, calls } = bank({
    concurrency: 3,
    dispatch: async ({ key, businessKey, attempt, signal }, intent) => {
      calls.push({ key, businessKey, attempt, intent });
      most = Math.max(most, ++atOnce);
      try {
        if (intent === 8) await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("hung up"))));
        if ((intent as number) < 3) await until(() => most === 3);
      } finally {
        atOnce -= 1;
      }
      return { status: "confirmed", result: intent };
    },
    observe: () => ({ status: "inconclusive" }),
  });
  const pay = tape.outboxTool<number, number>("pay", { connector, semantics: "NON_IDEMPOTENT" }, (input) => input);
  const agent = tape.agent("payer", async (run) => Promise.all(Array.from({ length: 9 }, (_, n) => pay(run, n))));
  const worker = world.worker([agent], { graceMs: 0 });
  await worker.start();
  const { id } = await tape.start(agent, null);
  await until(async () => (await world.effects(id)).filter(({ status }) => status === "CONFIRMED").length === 8 && calls.some(({ intent }) => intent === 8));
  expect(most).toBe(3);
  await worker.stop();
  expect((await world.effects(id)).map(({ status }) => status).sort()).toEqual([...Array.from({ length: 8 }, () => "CONFIRMED"), "UNKNOWN"]);
  const next = world.worker([agent]);
  await next.start();
  await until(async () => (await stepped(id, "effect.observed")) >= 1);
  expect(calls).toHaveLength(9);
});

test("E5 a sender that dies between the call and its record: UNKNOWN, not sent again; what it says later is taken", async () => {
  const { tape } = world;
  const { connector, calls, wires, answers } = bank({ observe: () => ({ status: "inconclusive" }) });
  let answer = (): void => {};
  answers.push(async ({ key }) => {
    wires.push(key);
    await new Promise<void>((resolve) => (answer = resolve));
    return { status: "confirmed", result: "wired" };
  });
  const pay = tape.outboxTool("pay", { connector, semantics: "NON_IDEMPOTENT" }, (input) => input);
  const agent = tape.agent("payer", async (run) => pay(run, 1));
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await until(() => wires.length === 1);
  await world.store.pool.query("UPDATE tape.effects SET claim_expires_at = tape.now() WHERE run_id = $1", [id]);
  await effectIs(id, "UNKNOWN");
  await until(async () => (await stepped(id, "effect.observed")) >= 1);
  expect(calls).toHaveLength(1);
  answer();
  await world.reaches(id, "COMPLETED");
  expect((await tape.getRun(id)).output).toBe("wired");
  expect(wires).toHaveLength(1);
});

test("D12 an answer after the timeout: UNKNOWN first, and that it happened is still taken", async () => {
  const { tape } = world;
  const { connector, calls, answers } = bank({ timeoutMs: 50, observe: () => ({ status: "inconclusive" }) });
  let answer = (): void => {};
  answers.push(async () => {
    await new Promise<void>((resolve) => (answer = resolve));
    return { status: "confirmed", result: "late" };
  });
  const pay = tape.outboxTool("pay", { connector, semantics: "NON_IDEMPOTENT" }, (input) => input);
  const agent = tape.agent("payer", async (run) => pay(run, 1));
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await effectIs(id, "UNKNOWN");
  const { items } = await tape.readJournal(id);
  expect(items.find(({ verb }) => verb === "unknown")).toMatchObject({ payload: { error: { message: "no answer within 50 ms" } } });
  answer();
  await world.reaches(id, "COMPLETED");
  expect((await tape.getRun(id)).output).toBe("late");
  expect(calls).toHaveLength(1);
});

test.each<[string, () => unknown, string]>([
  ["an answer that is no status", () => "sent", "UNKNOWN"],
  ["nothing", () => undefined, "UNKNOWN"],
  ["a result that is no JSON", () => ({ status: "confirmed", result: 1n }), "CONFIRMED"],
  ["an error that is no Error", () => ({ status: "failed", error: { code: 7 } }), "FAILED"],
])("a connector that answers %s is never guessed at", async (_, answer, becomes) => {
  const { tape } = world;
  const { connector, calls, answers } = bank();
  answers.push(answer as never);
  const pay = tape.outboxTool("pay", { connector, semantics: "NON_IDEMPOTENT", businessKey: () => "k" }, (input) => input);
  const seen: unknown[] = [];
  const agent = tape.agent("payer", async (run) => pay(run, 1).catch((error: unknown) => seen.push((error as Error).name)));
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await effectIs(id, becomes);
  if (becomes === "UNKNOWN") await until(async () => (await world.effects(id))[0]?.needsPerson);
  else await world.reaches(id, "COMPLETED");
  expect(calls).toHaveLength(1);
  expect(seen).toEqual(becomes === "CONFIRMED" ? ["ResultNotStorable"] : becomes === "FAILED" ? ["Error"] : []);
});

test("D22 nobody to ask: an IDEMPOTENT effect is sent again with its key a second after it was lost", async () => {
  const { tape } = world;
  const { connector, calls, answers } = bank();
  answers.push(() => ({ status: "unknown" }));
  const pay = tape.outboxTool("pay", { connector }, (input) => input);
  const agent = tape.agent("payer", async (run) => pay(run, 1));
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await world.reaches(id, "COMPLETED");
  expect(calls.map(({ key, attempt }) => [key, attempt])).toEqual([[calls[0]!.key, 1], [calls[0]!.key, 2]]);
});

test("two workers with one connector send each effect once", async () => {
  const { tape } = world;
  const { connector, calls } = bank();
  const pay = tape.outboxTool<number, unknown>("pay", { connector, semantics: "NON_IDEMPOTENT", businessKey: String }, (input) => input);
  const agent = tape.agent<number, unknown>("payer", async (run, n) => pay(run, n));
  const workers = [world.worker([agent]), world.worker([agent])];
  await Promise.all(workers.map((worker) => worker.start()));
  const runs = await Promise.all(Array.from({ length: 30 }, (_, n) => tape.start(agent, n)));
  for (const { id } of runs) await world.reaches(id, "COMPLETED");
  expect(calls.map(({ businessKey }) => Number(businessKey)).sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n));
  expect(workers.map((worker) => worker.stats().executor.results.crashed)).toEqual([0, 0]);
});
