import { newId } from "@tape/core";
import { decideGate, fireDueTimers, getRun, listEffects, listGates, readJournal, recordLateOutcome, resolveEffect, sendSignal, startRun } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AckLost, awaitSignal, createTape, currentRun, type AgentDefinition, type BegunEffect } from "../src/index.ts";
import { claim, Death, driveOf, driveOnce, expireLeases, openWorld, type World } from "./world.ts";

/*
 * What a review tried to break: each test is a way in which a run could be lost, wedged, told twice or told wrong.
 */
let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const approver = { id: "user:ann@example.com", email: "ann@example.com", role: "approver" } as const;
const operator = { id: "user:olga@example.com", email: "olga@example.com", role: "operator" } as const;

async function start(agent: AgentDefinition, input: unknown = {}): Promise<string> {
  const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input, startedBy: "test" });
  return run.id;
}
const runOf = (id: string) => getRun(world.store, { id });
const journal = async (id: string) => (await readJournal(world.store, { runId: id, fromSeq: 0, limit: 1_000 })).items;
const verbs = async (id: string) => (await journal(id)).map(({ kind, verb }) => `${kind}.${verb}`);
const effects = async (id: string) => (await listEffects(world.store, { runId: id })).items;
const redrive = (id: string) => world.store.pool.query("UPDATE tape.runs SET status = 'RUNNABLE', waits = NULL WHERE id = $1", [id]);
const openEffects = async (id: string) => (await world.store.pool.query<{ n: number }>("SELECT open_effects AS n FROM tape.runs WHERE id = $1", [id])).rows[0]?.n;
/** Never resolves: a body that hangs, code that waits for something outside. */
const never = () => new Promise<never>(() => {});

/** Drives until the run is where it stays, at most so often. */
async function driveToRest(agent: AgentDefinition, id: string, most = 5): Promise<void> {
  for (let drive = 0; drive < most; drive++) {
    if ((await runOf(id)).status !== "RUNNABLE") return;
    await world.store.pool.query("UPDATE tape.runs SET due_at = created_at WHERE id = $1", [id]);
    await driveOnce(world, agent);
  }
}

/** Rejections that nobody handled while `work` ran. Each would end a worker process. */
async function unhandled(work: () => Promise<void>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const others = process.listeners("unhandledRejection");
  const note = (reason: unknown) => void seen.push(reason);
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", note);
  try {
    await work();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("unhandledRejection", note);
    for (const other of others) process.on("unhandledRejection", other);
  }
  return seen;
}

test("D19 a gate and a sleep that the code asks and leaves in the turn in which it ends are closed with the run", async () => {
  const tape = createTape({ app: "left" });
  const cfo = tape.gateTool("cfo", { timeoutMs: 60_000 });
  const agent = tape.agent<object, string>("leaving", async (run) => {
    void cfo(run, {});
    void run.sleep(60_000);
    void awaitSignal(run, "go", { timeoutMs: 60_000 });
    return "gone";
  });
  const id = await start(agent);
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  expect((await listGates(world.store, { runId: id })).items.map(({ status }) => status)).toEqual(["CANCELLED"]);
  const { rows } = await world.store.pool.query("SELECT status FROM tape.timers WHERE run_id = $1", [id]);
  expect(rows).toEqual([{ status: "CANCELLED" }, { status: "CANCELLED" }, { status: "CANCELLED" }]);
  expect((await verbs(id)).at(-1)).toBe("run.completed");
});

test("a call begun by hand whose acknowledgement was lost is begun again when a person says retry", async () => {
  const tape = createTape({ app: "begun-again" });
  const attempts: number[] = [];
  const agent = tape.agent<object, unknown>("hooks", async (run) => {
    const call = await run.beginEffect<number>("act", {});
    if (call.recorded) return call.result;
    attempts.push(call.attempt);
    return attempts.length === 1 ? await call.fail(new AckLost("gone")) : await call.confirm(7);
  });
  const id = await start(agent);
  const drive = driveOf(world, agent, await claim(world, agent));
  expect(await drive.run()).toMatchObject({ status: "parked" });
  const [effect] = await effects(id);
  await resolveEffect(world.store, { id: effect!.id, outcome: "retry", reason: "it never came", actor: operator });
  expect(await drive.resume(await claim(world, agent))).toEqual({ status: "released" });
  await driveToRest(agent, id);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: 7, unsettled: 0 });
  expect(attempts).toEqual([1, 2]);
});

test("an effect settled by somebody else before its driver has read so is not settled again", async () => {
  const tape = createTape({ app: "settled-twice" });
  let bodies = 0;
  const tool = tape.effect<object, string>("tool", () => (++bodies === 1 ? never() : "the second driver's"));
  const agent = tape.agent<object, string>("twice", (run) => tool(run, {}));
  const id = await start(agent);
  const first = driveOf(world, agent, await claim(world, agent));
  void first.run();
  await expect.poll(() => bodies).toBe(1);
  first.abort("lease_lost");
  await expireLeases(world);
  const [effect] = await effects(id);

  // The late outcome comes right after the second driver has read the journal, and what it reads next takes a while.
  let commits = 0;
  const second = driveOf(world, agent, await claim(world, agent), {
    journal: (inner) => ({
      ...inner,
      read: async (fromSeq) => {
        if (fromSeq > 0) await expect.poll(() => commits).toBeGreaterThanOrEqual(2);
        const reading = await inner.read(fromSeq);
        if (fromSeq === 0) await recordLateOutcome(world.store, { runId: id, effectId: effect!.id, key: effect!.key, outcome: { status: "confirmed", result: "the first driver's" } });
        return reading;
      },
      commit: (commit) => {
        commits += 1;
        return inner.commit(commit);
      },
    }),
  });
  expect(await second.run()).toMatchObject({ status: "lost", reason: "settled_elsewhere" });
  expect((await verbs(id)).filter((verb) => verb === "effect.confirmed")).toHaveLength(1);
  expect(await openEffects(id)).toBe(0);
  await driveToRest(agent, id);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: "the first driver's" });
});

test.each(["tool", "begun"])("an effect (%s) that is put back to PENDING before its driver has heard that UNKNOWN was written is done again: nobody else would", async (form) => {
  const tape = createTape({ app: `put-back-${form}` });
  let bodies = 0;
  const act = () => {
    if (++bodies === 1) throw new AckLost("gone");
    return "done again";
  };
  const tool = tape.effect<object, string>("act", act);
  const agent = tape.agent<object, string>("putting", async (run) => {
    if (form === "tool") return await tool(run, {});
    const call = await run.beginEffect<string>("act", {});
    if (call.recorded) return call.result;
    try {
      return await call.confirm(act());
    } catch (error) {
      return await call.fail(error);
    }
  });
  const id = await start(agent);
  let reads = 0;
  const drive = driveOf(world, agent, await claim(world, agent), {
    journal: (inner) => ({
      ...inner,
      read: async (fromSeq) => {
        const reading = await inner.read(fromSeq);
        reads += 1;
        return reading;
      },
      commit: async (commit) => {
        const outcome = await inner.commit(commit);
        if (!commit.records.some(({ happening }) => happening.verb === "unknown")) return outcome;
        const [effect] = await effects(id);
        await resolveEffect(world.store, { id: effect!.id, outcome: "retry", reason: "it never came", actor: operator });
        const before = reads;
        drive.poke();
        await expect.poll(() => reads).toBeGreaterThan(before);
        return outcome;
      },
    }),
  });
  await drive.run();
  await driveToRest(agent, id);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: "done again", unsettled: 0 });
  expect(bodies).toBe(2);
});

test("D12 what a call begun by hand confirms after its lease was lost is a late outcome", async () => {
  const tape = createTape({ app: "begun-late" });
  let begun: BegunEffect<number> | undefined;
  const agent = tape.agent<object, unknown>("hooks", async (run) => {
    begun = await run.beginEffect<number>("act", {});
    return begun.recorded ? begun.result : never();
  });
  const id = await start(agent);
  const drive = driveOf(world, agent, await claim(world, agent));
  void drive.run();
  await expect.poll(() => begun).toBeDefined();
  drive.abort("lease_lost");
  if (begun?.recorded === false) void begun.confirm(7);
  await expect.poll(async () => (await effects(id))[0]?.status).toBe("CONFIRMED");
  await expireLeases(world);
  await driveOnce(world, agent);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: 7 });
});

test("a call begun by hand has one end, however often it is said", async () => {
  const tape = createTape({ app: "begun-twice" });
  const agent = tape.agent<object, unknown>("hooks", async (run) => {
    const decision = await run.beginDecision<string>("think", { model: "m", request: "?" });
    if (!decision.recorded) await Promise.all([decision.answer("first"), decision.answer("second")]);
    const call = await run.beginEffect<number>("act", {});
    if (call.recorded) return call.result;
    void call.confirm(1);
    void call.fail(new Error("no"));
    return await call.confirm(2);
  });
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: 1, unsettled: 0 });
  expect(await verbs(id)).toEqual(["run.started", "run.claimed", "decision.asked", "decision.answered", "effect.intended", "effect.confirmed", "run.completed"]);
  expect(await openEffects(id)).toBe(0);
});

test("nobody has to listen to how a step ended: no rejection of it ends the process", async () => {
  const tape = createTape({ app: "unheard" });
  const tool = tape.effect<unknown, unknown>("tool", () => {
    throw new Error("failed");
  });
  const cfo = tape.gateTool("cfo");
  const agent = tape.agent<object, string>("deaf", async (run) => {
    const call = await run.beginEffect("act", {});
    if (!call.recorded) void call.fail(new Error("no"));
    const decision = await run.beginDecision("think", { model: "m", request: "?" });
    if (!decision.recorded) void decision.fail(new Error("no"));
    void tool(run, {});
    void tool(run, 1n);
    void cfo(run, 1n);
    void awaitSignal(run, "gate.reserved");
    void run.beginEffect("act", 1n);
    await run.effect("last", {}, () => 1);
    return "done";
  });
  const id = await start(agent);
  expect(await unhandled(async () => void (await driveOnce(world, agent)))).toEqual([]);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: "done" });
});

test("D2 no two scopes have one name, whatever they are called", async () => {
  const tape = createTape({ app: "scopes" });
  const keys: string[] = [];
  const act = tape.effect("act", (ctx) => void keys.push(ctx.key));
  const agent = tape.agent<object, number>("scoped", async (run) => {
    await act(run, {});
    for (const name of ["a", "a", "a~2", "a", "a~3", "a.b", "%7E"]) await run.scope(name, (inner) => act(inner, {}));
    await run.scope("a", (inner) => inner.scope("b", (deep) => act(deep, {})));
    await expect(run.scope("", (inner) => act(inner, {}))).rejects.toMatchObject({ code: "invalid_input" });
    return keys.length;
  });
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: 9 });
  expect(new Set(keys).size).toBe(9);
});

test("D2 a step in scopes with names that no index holds is refused as it is asked, and the run goes on", async () => {
  const tape = createTape({ app: "deep" });
  const name = Array.from({ length: 300 }, (_, n) => n.toString(36).padStart(4, "x")).join("-");
  const agent = tape.agent<object, unknown>("deep", (run) =>
    run.scope(name, async (inner) => {
      await inner.sleep(0);
      return await inner.scope(name, (deep) => deep.sleep(0)).catch((error: { code?: string }) => error.code);
    }),
  );
  const id = await start(agent);
  await driveOnce(world, agent);
  await fireDueTimers(world.store);
  await driveOnce(world, agent);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: "invalid_input" });
});

test("D20 words that PostgreSQL cannot hold keep no outcome from being recorded", async () => {
  const tape = createTape({ app: "words" });
  let bodies = 0;
  const act = tape.effect<object, string>("act", { summary: () => "a\u0000b\ud800", compensate: { run: async () => {}, summary: () => "undo \u0000" } }, (ctx) => {
    bodies += 1;
    ctx.setExternalRef("ref \u0000\udc00");
    return "acted";
  });
  const agent = tape.agent<object, string>("worded", (run) => act(run, {}));
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: "acted" });
  expect(bodies).toBe(1);
  expect((await effects(id))[0]).toMatchObject({ status: "CONFIRMED", summary: "a\ufffdb\ufffd", externalRef: "ref \ufffd\ufffd" });

  const late = await start(tape.agent("late", never));
  const effectId = newId("eff");
  const key = `${late}//d0/act/1`;
  await world.store.pool.query(
    `INSERT INTO tape.effects (id, run_id, key, tool, status, semantics, dispatch, fingerprint, request_seq, created_at) VALUES ($1, $2, $3, 'act', 'PENDING', 'IDEMPOTENT', 'INLINE', '', 1, tape.now())`,
    [effectId, late, key],
  );
  await world.store.pool.query("UPDATE tape.runs SET open_effects = 1 WHERE id = $1", [late]);
  await recordLateOutcome(world.store, { runId: late, effectId, key, outcome: { status: "confirmed", result: "a\u0000", externalRef: "\u0000", summary: "\ud800" } });
  expect((await effects(late))[0]).toMatchObject({ status: "CONFIRMED", externalRef: "\ufffd", summary: "\ufffd", response: "a\u0000" });
});

test("a tool's own functions that throw or answer nonsense decide nothing and wedge nothing", async () => {
  const tape = createTape({ app: "nonsense" });
  let bodies = 0;
  const boom = (): never => {
    throw new Error("boom");
  };
  const fragile = tape.effect("fragile", { retry: { attempts: 3, firstDelayMs: 1, retryIf: boom }, summary: boom }, () => {
    bodies += 1;
    throw new Error("the real one");
  });
  const agent = tape.agent<object, unknown>("careful", async (run) => {
    const message = await fragile(run, {}).catch((error: Error) => error.message);
    const call = await run.beginEffect<number>("act", {}, { summary: boom });
    return [message, call.recorded ? call.result : await call.confirm(1)];
  });
  const id = await start(agent);
  await driveOnce(world, agent);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: ["the real one", 1] });
  expect(bodies).toBe(1);
});

test("a status check that answers nonsense leaves a PENDING effect UNKNOWN", async () => {
  for (const answer of [undefined, null, { status: "dunno" }, 5]) {
    const tape = createTape({ app: `check-${JSON.stringify(answer)}`.replace(/[^a-z0-9-]/g, "-") });
    let bodies = 0;
    const act = tape.effect<object, unknown>("act", { statusCheck: async () => answer as never }, () => {
      bodies += 1;
      return never();
    });
    const agent = tape.agent<object, unknown>("checking", (run) => act(run, {}));
    const id = await start(agent);
    const first = driveOf(world, agent, await claim(world, agent));
    void first.run();
    await expect.poll(() => bodies).toBe(1);
    first.abort("lease_lost");
    await expireLeases(world);
    expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
    expect((await effects(id))[0]).toMatchObject({ status: "UNKNOWN" });
    expect(bodies).toBe(1);
  }
});

test("anything may be thrown: what is odd about it ends neither the run's driver nor its process", async () => {
  const tape = createTape({ app: "odd" });
  const odd = [
    Object.assign(new Error("x"), { message: undefined }),
    Object.assign(new Error("x"), { name: 5, stack: 7, code: {} }),
    Object.assign(new Error("x"), { message: { not: "text" } }),
    Object.defineProperty(new Error("x"), "message", { get: () => { throw new Error("no message"); } }),
    Symbol("thrown"),
    undefined,
    null,
    () => 1,
  ];
  for (const [place, thrown] of odd.entries()) {
    const agent = tape.agent<object, unknown>(`odd-${place}`, async (run) => {
      const name = await run.effect("body", {}, () => { throw thrown as Error; }).then(() => "", (error: Error) => error.name);
      if (typeof name !== "string") return name;
      throw thrown as Error;
    });
    const id = await start(agent);
    expect(await unhandled(async () => void (await driveOnce(world, agent))), String(place)).toEqual([]);
    expect(await runOf(id), String(place)).toMatchObject({ status: "FAILED" });
  }
});

test("D6 a start or a signal that is refused in agent code is thrown to it, on every drive the same", async () => {
  const tape = createTape({ app: "refused" });
  tape.use(world.store);
  const child = tape.agent<number, number>("child", async (_run, n) => n);
  await tape.start(child, 1, { invocationId: "taken" });
  const ended = await start(tape.agent("brief", async () => 1));
  await world.store.pool.query("UPDATE tape.runs SET status = 'COMPLETED', ended_at = tape.now(), outcome_seq = 1 WHERE id = $1", [ended]);
  const seen: unknown[] = [];
  const agent = tape.agent<object, unknown>("asking", async (run) => {
    const conflict = await tape.start(child, 2, { invocationId: "taken" }).then(() => "started", (error: { code: string }) => error.code);
    const late = await tape.sendSignal(ended, "go").then(() => "sent", (error: { code: string }) => error.code);
    seen.push([conflict, late]);
    await awaitSignal(run, "go");
    return seen.at(-1);
  });
  const id = await start(agent);
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  await sendSignal(world.store, { runId: id, name: "go", by: "test" });
  await driveToRest(agent, id);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: ["invocation_conflict", "illegal_transition"] });
  expect(seen).toHaveLength(2);
});

test("D10 a child of an agent that pins its version is pinned, started from outside or by a run", async () => {
  const tape = createTape({ app: "pinned" });
  tape.use(world.store);
  const child = tape.agent<object, null>("child", { version: "7", pinVersion: true }, async () => null);
  const agent = tape.agent<object, string>("parent", async () => (await tape.start(child, {})).id);
  const id = await start(agent);
  await driveOnce(world, agent);
  const { output } = await runOf(id);
  const { rows } = await world.store.pool.query("SELECT pin_version FROM tape.runs WHERE id = $1", [output]);
  expect(rows).toEqual([{ pin_version: "7" }]);
});

test("D30 a gate decided, and then asked with another payload before its decision reached the code, is void and asked again", async () => {
  const tape = createTape({ app: "void" });
  let total = 1;
  const cfo = tape.gateTool<{ total: number }>("cfo");
  const agent = tape.agent<object, unknown>("changing", async (run) => (await cfo(run, { total })).comment);
  const id = await start(agent);
  await driveOnce(world, agent);
  const [first] = (await listGates(world.store, { runId: id })).items;
  await decideGate(world.store, { id: first!.id, outcome: "approved", comment: "of one", fingerprint: first!.fingerprint, actor: approver });
  total = 2;
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  const open = (await listGates(world.store, { runId: id })).items.find(({ status }) => status === "OPEN");
  expect(open).toMatchObject({ payload: { total: 2 }, occurrence: 1 });
  await decideGate(world.store, { id: open!.id, outcome: "approved", comment: "of two", fingerprint: open!.fingerprint, actor: approver });
  await driveToRest(agent, id);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: "of two" });
});

test("D30 the deadline of a gate that was opened again says nothing about the new one", async () => {
  const tape = createTape({ app: "old-deadline" });
  let total = 1;
  const cfo = tape.gateTool<{ total: number }>("cfo", { timeoutMs: 3_600_000 });
  const agent = tape.agent<object, unknown>("changing", async (run) => (await cfo(run, { total })).comment);
  const id = await start(agent);
  await driveOnce(world, agent);
  const [old] = (await listGates(world.store, { runId: id })).items;
  total = 2;
  await redrive(id);
  await driveOnce(world, agent);
  await world.store.pool.query("UPDATE tape.timers SET fire_at = tape.now() WHERE id = $1", [old!.id]);
  await fireDueTimers(world.store);
  await redrive(id);
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  const open = (await listGates(world.store, { runId: id })).items.find(({ status }) => status === "OPEN");
  await decideGate(world.store, { id: open!.id, outcome: "approved", comment: "of two", fingerprint: open!.fingerprint, actor: approver });
  await driveToRest(agent, id);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: "of two" });
});

test("R6 a gate asked where the journal knows an effect of that name is nondeterminism", async () => {
  const before = createTape({ app: "swapped" });
  const tool = before.effect("pay", () => {
    throw new AckLost("gone");
  });
  const old = before.agent<object, unknown>("swapped", (run) => tool(run, {}));
  const id = await start(old);
  await driveOnce(world, old);
  await redrive(id);
  const after = createTape({ app: "swapped" });
  const gate = after.gateTool("pay");
  const changed = after.agent<object, unknown>("swapped", (run) => gate(run, {}));
  expect(await driveOnce(world, changed)).toEqual({ status: "ended", as: "STUCK" });
});

test("a model call that the worker's stop aborted is asked again, and fails no run", async () => {
  const tape = createTape({ app: "stopped-model" });
  let calls = 0;
  const agent = tape.agent<object, unknown>("thinking", async (run) => {
    const asked = await run.decide("plan", { model: "m", request: 1 }, () => heeding(run.signal, ++calls));
    return asked;
  });
  const id = await start(agent);
  const drive = driveOf(world, agent, await claim(world, agent));
  const result = drive.run();
  await expect.poll(() => calls).toBe(1);
  drive.abort("stopping");
  expect(await result).toEqual({ status: "released" });
  await driveToRest(agent, id);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: 2 });
});

/** The first call hangs until it is aborted, the later ones answer. */
function heeding(signal: AbortSignal, call: number): Promise<number> {
  if (call > 1) return Promise.resolve(call);
  return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
}

test("what a body confirms while the lease is given back is recorded, not done again", async () => {
  const tape = createTape({ app: "giving-back" });
  let bodies = 0;
  let finish: (result: string) => void = () => {};
  const tool = tape.effect<object, string>("tool", () => {
    bodies += 1;
    return new Promise((resolve) => (finish = resolve));
  });
  const agent = tape.agent<object, unknown>("working", (run) => tool(run, {}));
  const id = await start(agent);
  const drive = driveOf(world, agent, await claim(world, agent), {
    journal: (inner) => ({
      ...inner,
      commit: async (commit) => {
        if (commit.end) finish("done in time");
        return inner.commit(commit);
      },
    }),
  });
  const result = drive.run();
  await expect.poll(() => bodies).toBe(1);
  drive.abort("stopping");
  expect(await result).toEqual({ status: "released" });
  await expect.poll(async () => (await effects(id))[0]?.status).toBe("CONFIRMED");
  await driveToRest(agent, id);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED", output: "done in time" });
  expect(bodies).toBe(1);
});

test("what is read while the last commit is under way takes nothing from its answer", async () => {
  const tape = createTape({ app: "read-late" });
  const agent = tape.agent<object, unknown>("parking", (run) => awaitSignal(run, "go"));
  const id = await start(agent);
  let reads = 0;
  const drive = driveOf(world, agent, await claim(world, agent), {
    journal: (inner) => ({
      ...inner,
      read: (fromSeq) => inner.read(fromSeq).finally(() => (reads += 1)),
      commit: async (commit) => {
        const outcome = await inner.commit(commit);
        const before = reads;
        drive.poke();
        await expect.poll(() => reads).toBe(before + 1);
        return outcome;
      },
    }),
  });
  expect(await drive.run()).toEqual({ status: "parked", epoch: 1 });
  await sendSignal(world.store, { runId: id, name: "go", payload: "well", by: "test" });
  expect(await drive.resume(await claim(world, agent))).toEqual({ status: "ended", as: "COMPLETED" });
  expect((await runOf(id)).output).toBe("well");
});

test("D1 a process that stood still for longer than the patience of a replay finds no nondeterminism", async () => {
  const tape = createTape({ app: "stood-still" });
  let isSlow = false;
  const agent = tape.agent<object, number>("counting", async (run) => {
    let sum = 0;
    for (let n = 1; n <= 3; n++) {
      sum += await run.effect("step", { n }, () => n);
      if (isSlow) standStill(120);
      // Reading a file takes some turns of the event loop.
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    await awaitSignal(run, "go");
    return sum;
  });
  const id = await start(agent);
  await driveOnce(world, agent);
  await sendSignal(world.store, { runId: id, name: "go", by: "test" });
  isSlow = true;
  expect(await driveOnce(world, agent, { replayTimeoutMs: 100 })).toEqual({ status: "ended", as: "COMPLETED" });
  expect((await runOf(id)).output).toBe(6);
});

function standStill(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("a body knows its run on every drive", async () => {
  const tape = createTape({ app: "known-run" });
  const seen: (string | undefined)[] = [];
  const death = new Death(Number.POSITIVE_INFINITY);
  const tool = tape.effect<object, string>("tool", () => {
    seen.push(currentRun()?.id);
    if (seen.length > 1) return "done";
    death.dead = true;
    return never();
  });
  const agent = tape.agent<object, string>("knowing", (run) => tool(run, {}));
  const id = await start(agent);
  void driveOf(world, agent, await claim(world, agent), { journal: (inner) => death.journal(inner) }).run();
  await expect.poll(() => seen.length).toBe(1);
  await expireLeases(world);
  await driveOnce(world, agent);
  expect(await runOf(id)).toMatchObject({ status: "COMPLETED" });
  expect(seen).toEqual([id, id]);
});

test("code that throws before it asks what its journal recorded stops the run, and the run says what was thrown", async () => {
  const tape = createTape({ app: "throws-early" });
  let isBroken = false;
  const agent = tape.agent("throws-early", async (run) => {
    if (isBroken) throw new TypeError("amount is not a string");
    await run.effect("step", {}, () => null);
    await run.sleep(60_000);
  });
  const { run } = await startRun(world.store, { app: "throws-early", agent: "throws-early", input: {}, startedBy: "test" });
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  isBroken = true;
  await world.store.pool.query("UPDATE tape.runs SET status = 'RUNNABLE', waits = NULL WHERE id = $1", [run.id]);
  expect(await driveOnce(world, agent, { replayTimeoutMs: 100 })).toMatchObject({ status: "ended", as: "STUCK" });
  expect((await getRun(world.store, { id: run.id })).whyWaiting[0]?.sentence).toContain("TypeError: amount is not a string");
});
