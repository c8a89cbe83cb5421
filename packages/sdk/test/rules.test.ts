import { decideGate, fireDueTimers, getRun, listEffects, listGates, readJournal, startRun } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AckLost, awaitSignal, createTape, GateRejected, now, random, sample, uuid, type AgentDefinition } from "../src/index.ts";
import { claim, Death, driveOf, driveOnce, expireLeases, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const approver = { id: "user:ann@example.com", email: "ann@example.com", role: "approver" } as const;

async function start(agent: AgentDefinition, input: unknown = {}): Promise<string> {
  const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input, startedBy: "test" });
  return run.id;
}
const output = async (id: string): Promise<unknown> => (await getRun(world.store, { id })).output;
const journal = async (id: string) => (await readJournal(world.store, { runId: id, fromSeq: 0, limit: 1_000 })).items;
const verbs = async (id: string) => (await journal(id)).map(({ kind, verb }) => `${kind}.${verb}`);

/** A driver that dies before its nth commit, and the next one that takes over. */
async function dieThenDrive(agent: AgentDefinition, boundary: number): Promise<void> {
  const death = new Death(boundary);
  void driveOf(world, agent, await claim(world, agent), { journal: (inner) => death.journal(inner) }).run();
  await expect.poll(() => death.dead).toBe(true);
  await death.settled();
  await expireLeases(world);
  await driveOnce(world, agent);
}

test("E2 a failed effect replays as its recorded error, and the body does not run again", async () => {
  let bodies = 0;
  const tape = createTape({ app: "e2" });
  const fragile = tape.effect("fragile", () => {
    bodies += 1;
    throw Object.assign(new RangeError("no such account"), { code: "E_ACCOUNT", details: { iban: "X" } });
  });
  const seen: unknown[] = [];
  const agent = tape.agent<object, string>("failing", async (run) => {
    try {
      await fragile(run, {});
    } catch (error) {
      const { name, message, code, details } = error as Error & { code: string; details: unknown };
      seen.push({ name, message, code, details });
    }
    await awaitSignal(run, "go");
    return "went on";
  });
  await start(agent);
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  await world.store.pool.query("UPDATE tape.runs SET status = 'RUNNABLE', waits = NULL WHERE agent = 'failing'");
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  expect(bodies).toBe(1);
  const recorded = { name: "RangeError", message: "no such account", code: "E_ACCOUNT", details: { iban: "X" } };
  expect(seen).toEqual([recorded, recorded]);
});

test("R6 code that asks another step than its journal recorded stops the run, naming both, and executes nothing", async () => {
  for (const change of ["renamed", "arguments"] as const) {
    const app = `r6-${change}`;
    let executed = 0;
    const define = (tool: string, amount: number) => {
      const tape = createTape({ app });
      const pay = tape.effect<{ amount: number }, number>(tool, () => (executed += 1));
      return tape.agent<object, void>("changed", async (run) => {
        await pay(run, { amount });
        await awaitSignal(run, "go");
      });
    };
    const before = define("pay", 1);
    const id = await start(before);
    await driveOnce(world, before);
    await world.store.pool.query("UPDATE tape.runs SET status = 'RUNNABLE', waits = NULL WHERE id = $1", [id]);
    const after = change === "renamed" ? define("transfer", 1) : define("pay", 2);
    expect(await driveOnce(world, after, { replayTimeoutMs: 100 })).toEqual({ status: "ended", as: "STUCK" });
    const run = await getRun(world.store, { id });
    expect(run.whyWaiting[0]).toMatchObject({ code: "nondeterminism" });
    const stuck = (await journal(id)).find((entry) => entry.kind === "run" && entry.verb === "stuck");
    const { reason } = stuck!.payload as { reason: { recorded: string; asked: string } };
    expect(reason.recorded).toContain("effect pay");
    expect(reason.asked).toContain(change === "renamed" ? "effect transfer" : "effect pay");
    expect(executed).toBe(1);
  }
});

test("R9 now, uuid, random and sample give the same values on every drive", async () => {
  const tape = createTape({ app: "r9" });
  const seen: unknown[] = [];
  let reads = 0;
  const agent = tape.agent<object, void>("sampling", async (run) => {
    seen.push([await now(run), await uuid(run), await random(run), await sample(run, () => ({ read: ++reads }))]);
    await awaitSignal(run, "go");
  });
  const id = await start(agent);
  for (let drive = 0; drive < 3; drive++) {
    await driveOnce(world, agent);
    await world.store.pool.query("UPDATE tape.runs SET status = 'RUNNABLE', waits = NULL WHERE id = $1", [id]);
  }
  expect(seen).toHaveLength(3);
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
  expect(reads).toBe(1);
});

test("R12 a race of a sleep and a gate, approved first: after a crash that comes when the sleep has fired, the approved path again", async () => {
  const tape = createTape({ app: "r12" });
  const paths: string[] = [];
  const cfo = tape.gateTool("cfo");
  const agent = tape.agent<object, string>("racing", async (run) => {
    const first = await Promise.race([cfo(run, {}).then(() => "approved"), run.sleep(50).then(() => "slept")]);
    paths.push(first);
    await run.effect("after", { first }, () => first);
    await awaitSignal(run, "go");
    return first;
  });
  const id = await start(agent);
  await driveOnce(world, agent);
  const [gate] = (await listGates(world.store, { runId: id })).items;
  await decideGate(world.store, { id: gate!.id, outcome: "approved", fingerprint: gate!.fingerprint, actor: approver });
  // Killed once the approved path was recorded; then the sleep fires; then the run is taken over.
  const death = new Death(3);
  void driveOf(world, agent, await claim(world, agent), { journal: (inner) => death.journal(inner) }).run();
  await expect.poll(() => death.dead).toBe(true);
  await death.settled();
  await expect.poll(async () => (await fireDueTimers(world.store, { limit: 10 })).fired).toBe(1);
  await expireLeases(world);
  await driveOnce(world, agent);
  expect(new Set(paths)).toEqual(new Set(["approved"]));
  expect(paths.length).toBeGreaterThan(1);
  expect((await verbs(id)).filter((verb) => verb === "timer.fired")).toHaveLength(1);
});

test("a lost acknowledgement parks the run on an UNKNOWN effect, and nothing is sent again by itself", async () => {
  const tape = createTape({ app: "unknown" });
  let bodies = 0;
  const wire = tape.effect("wire", { statusCheck: async () => ({ status: "inconclusive" }) }, () => {
    bodies += 1;
    throw new AckLost("connection reset");
  });
  const agent = tape.agent<object, unknown>("losing", (run) => wire(run, {}));
  const id = await start(agent);
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  const [effect] = (await listEffects(world.store, { runId: id })).items;
  expect(effect).toMatchObject({ status: "UNKNOWN", needsPerson: false });
  expect((await getRun(world.store, { id })).whyWaiting[0]).toMatchObject({ code: "effect_unsettled" });
  expect(bodies).toBe(1);
});

test("an effect found PENDING by the next driver is asked after first, and done again with its key only if it is absent", async () => {
  for (const found of ["confirmed", "absent"] as const) {
    const tape = createTape({ app: `pending-${found}` });
    const keys: string[] = [];
    const death = new Death(Number.POSITIVE_INFINITY);
    const wire = tape.effect<object, string>(
      "wire",
      { statusCheck: async (ctx) => (found === "confirmed" ? { status: "confirmed", result: `found ${ctx.attempt}`, externalRef: "bank-1" } : { status: "absent" }) },
      (ctx) => {
        keys.push(ctx.key);
        if (keys.length > 1) return "sent again";
        death.dead = true;
        return new Promise<string>(() => {});
      },
    );
    const agent = tape.agent<object, string>("crashing", (run) => wire(run, {}));
    const id = await start(agent);
    void driveOf(world, agent, await claim(world, agent), { journal: (inner) => death.journal(inner) }).run();
    await expect.poll(() => keys.length).toBe(1);
    expect((await listEffects(world.store, { runId: id })).items[0]).toMatchObject({ status: "PENDING" });
    await expireLeases(world);
    await driveOnce(world, agent);
    expect(await output(id)).toBe(found === "confirmed" ? "found 2" : "sent again");
    expect(new Set(keys).size).toBe(1);
    expect((await listEffects(world.store, { runId: id })).items[0]).toMatchObject({ status: "CONFIRMED", externalRef: found === "confirmed" ? "bank-1" : null });
  }
});

test("a retry policy keeps one key, journals each failed try, and stops at what is not to be retried", async () => {
  const tape = createTape({ app: "retry" });
  const keys = new Set<string>();
  let tries = 0;
  const flaky = tape.effect("flaky", { retry: { attempts: 4, firstDelayMs: 1 } }, (ctx) => {
    keys.add(ctx.key);
    if (++tries < 3) throw new Error(`try ${ctx.attempt}`);
    return ctx.attempt;
  });
  let final = 0;
  const never = tape.effect("never", { retry: { attempts: 4, firstDelayMs: 1, retryIf: () => false } }, () => {
    final += 1;
    throw new Error("final");
  });
  const agent = tape.agent<object, unknown>("retrying", async (run) => [await flaky(run, {}), await never(run, {}).catch((error: Error) => error.message)]);
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(await output(id)).toEqual([3, "final"]);
  expect(keys.size).toBe(1);
  expect(final).toBe(1);
  expect((await journal(id)).filter(({ verb }) => verb === "attempt_failed").map(({ payload }) => (payload as { attempt: number }).attempt)).toEqual([1, 2]);
});

test("a step inside a body is refused by name", async () => {
  const tape = createTape({ app: "nested" });
  const inner = tape.effect("inner", () => 1);
  const agent = tape.agent<object, string>("nesting", (run) =>
    run.effect("outer", {}, async () => inner(run, {}).then(() => "opened", (error: { code: string; message: string }) => `${error.code}: ${error.message}`)),
  );
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(await output(id)).toMatch(/^nested_step: effect inner was called inside the body of outer/);
});

test("a rejection is thrown with who and why; a gate whose payload changed while open is asked again", async () => {
  const tape = createTape({ app: "rejecting" });
  let total = 1;
  const cfo = tape.gateTool<{ total: number }>("cfo");
  const agent = tape.agent<object, string>("asking", async (run) => {
    try {
      await cfo(run, { total });
      return "approved";
    } catch (error) {
      return error instanceof GateRejected ? `${error.decision.decidedBy}: ${error.decision.comment}` : "other";
    }
  });
  const id = await start(agent);
  await driveOnce(world, agent);
  const [first] = (await listGates(world.store, { runId: id })).items;
  total = 2;
  await world.store.pool.query("UPDATE tape.runs SET status = 'RUNNABLE', waits = NULL WHERE id = $1", [id]);
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  const gates = (await listGates(world.store, { runId: id })).items;
  expect(gates.map(({ status, occurrence }) => ({ status, occurrence })).sort((a, b) => a.status.localeCompare(b.status))).toEqual([
    { status: "CANCELLED", occurrence: 1 },
    { status: "OPEN", occurrence: 1 },
  ]);
  await expect(decideGate(world.store, { id: first!.id, outcome: "approved", fingerprint: first!.fingerprint, actor: approver })).rejects.toMatchObject({ code: "fingerprint_mismatch" });
  const open = gates.find(({ status }) => status === "OPEN")!;
  await decideGate(world.store, { id: open.id, outcome: "rejected", comment: "too much", fingerprint: open.fingerprint, actor: approver });
  await driveOnce(world, agent);
  expect(await output(id)).toBe("user:ann@example.com: too much");
});

test("every write of a driver that lost its lease is refused, and what it confirmed is recorded without it", async () => {
  const tape = createTape({ app: "fenced" });
  let release: (value: string) => void = () => {};
  let aborted = false;
  let bodies = 0;
  const slow = tape.effect<object, string>("slow", (ctx) => {
    bodies += 1;
    ctx.signal.addEventListener("abort", () => (aborted = true));
    return bodies === 1 ? new Promise((resolve) => (release = resolve)) : awaitNever();
  });
  const agent = tape.agent<object, string>("fencing", (run) => slow(run, {}));
  const id = await start(agent);
  const first = driveOf(world, agent, await claim(world, agent, { owner: "wrk_A" }));
  const firstResult = first.run();
  await expect.poll(() => bodies).toBe(1);
  await expireLeases(world);
  const second = driveOf(world, agent, await claim(world, agent, { owner: "wrk_B" }));
  const secondResult = second.run();
  await expect.poll(() => bodies).toBe(2);
  release("the first driver's");
  expect(await firstResult).toMatchObject({ status: "lost", reason: "lease_lost" });
  expect(aborted).toBe(true);
  await expect.poll(async () => (await listEffects(world.store, { runId: id })).items[0]?.status).toBe("CONFIRMED");
  second.poke();
  // Its own body is overtaken: it gives the lease back, and the next drive begins from the journal at once.
  expect(await secondResult).toMatchObject({ status: "lost", reason: "settled_elsewhere" });
  expect((await getRun(world.store, { id })).status).toBe("RUNNABLE");
  await driveOnce(world, agent);
  expect(await output(id)).toBe("the first driver's");
});

function awaitNever(): Promise<never> {
  return new Promise(() => {});
}

test("a coroutine that also waits for something outside goes on although it was parked", async () => {
  const tape = createTape({ app: "outside" });
  let outside: () => void = () => {};
  const agent = tape.agent<object, string>("both", async (run) => {
    const first = await Promise.race([awaitSignal(run, "never").then(() => "signal"), new Promise<string>((resolve) => (outside = () => resolve("outside")))]);
    await run.effect("after", {}, () => 1);
    return first;
  });
  const id = await start(agent);
  const drive = driveOf(world, agent, await claim(world, agent));
  expect(await drive.run()).toMatchObject({ status: "parked" });
  outside();
  await expect.poll(async () => (await getRun(world.store, { id })).status).toBe("RUNNABLE");
  expect(await drive.resume(await claim(world, agent))).toEqual({ status: "ended", as: "COMPLETED" });
  expect(await output(id)).toBe("outside");
});

test("the split forms record the same steps as the whole ones", async () => {
  const tape = createTape({ app: "split" });
  let acted = 0;
  const agent = tape.agent<object, unknown>("hooks", async (run) => {
    const decision = await run.beginDecision<string>("think", { model: "m", request: "?" });
    const answer = decision.recorded ? decision.response : await decision.answer("42");
    const call = await run.beginEffect<number>("act", { answer });
    if (!call.recorded) acted += 1;
    const result = call.recorded ? call.result : await call.confirm(7);
    const failing = await run.beginEffect("fail", {});
    const failure = failing.recorded ? "recorded" : await failing.fail(new Error("no")).catch((error: Error) => error.message);
    return [answer, result, failure];
  });
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(await output(id)).toEqual(["42", 7, "no"]);
  expect(await verbs(id)).toEqual([
    "run.started", "run.claimed", "decision.asked", "decision.answered", "effect.intended", "effect.confirmed", "effect.intended", "effect.failed", "run.completed",
  ]);
  expect(acted).toBe(1);
});

test("a result that cannot be stored is confirmed all the same, and the code is told so on every drive", async () => {
  const tape = createTape({ app: "unstorable" });
  const huge = tape.effect("huge", () => "x".repeat(2 * 1024 * 1024));
  const nul = tape.effect("nul", () => "a\u0000b");
  const seen: unknown[] = [];
  const agent = tape.agent<object, unknown>("storing", async (run) => {
    seen.push([await huge(run, {}).catch((error: { code: string }) => error.code), await nul(run, {})]);
    return "done";
  });
  const id = await start(agent);
  await dieThenDrive(agent, 6);
  expect(await output(id)).toBe("done");
  for (const each of seen) expect(each).toEqual(["result_not_storable", "a\u0000b"]);
});

test("a drive that is released between steps gives its lease back, and the next one goes on", async () => {
  const tape = createTape({ app: "released" });
  const acts: string[] = [];
  let drive: { release(): void } | undefined;
  const step = tape.effect<{ n: number }, number>("step", (_ctx, { n }) => {
    acts.push(`step ${n}`);
    if (n === 1) drive?.release();
    return n;
  });
  const agent = tape.agent<object, number>("stepping", async (run) => (await step(run, { n: 1 })) + (await step(run, { n: 2 })));
  const id = await start(agent);
  const first = driveOf(world, agent, await claim(world, agent));
  drive = first;
  expect(await first.run()).toEqual({ status: "released" });
  expect(acts).toEqual(["step 1"]);
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  expect(await output(id)).toBe(3);
  expect(acts).toEqual(["step 1", "step 2"]);
});
