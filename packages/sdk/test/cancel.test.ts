import { cancelRun, compensateRun, getRun, listEffects, listObligations, readJournal, startRun } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AckLost, createTape, LeaseLost, RunCancelled, type AgentDefinition, type Drive, type DriveResult, type EffectContext, type Tape } from "../src/index.ts";
import { claim, driveOf, expireLeases, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const operator = { id: "user:olga@example.com", email: "olga@example.com", role: "operator" } as const;
const cancel = (id: string) => cancelRun(world.store, { id, reason: "wrong file", actor: operator });
const journal = async (runId: string) => (await readJournal(world.store, { runId, fromSeq: 0, limit: 1_000 })).items;
const verbs = async (id: string) => (await journal(id)).map(({ kind, verb }) => `${kind}.${verb}`);
const effects = async (runId: string) => (await listEffects(world.store, { runId })).items.map(({ tool, status }) => ({ tool, status }));

/** A body that waits until it is told how to end. */
function slowBody() {
  let began: (ctx: EffectContext) => void = () => {};
  let end: (how: () => unknown) => void = () => {};
  const begun = new Promise<EffectContext>((resolve) => (began = resolve));
  const told = new Promise<() => unknown>((resolve) => (end = resolve));
  return {
    begun,
    returns: (value: unknown) => end(() => value),
    throws: (error: unknown) =>
      end(() => {
        throw error;
      }),
    run: async (ctx: EffectContext) => {
      began(ctx);
      return (await told)();
    },
  };
}

interface Scene {
  tape: Tape;
  id: string;
  drive: Drive;
  result: Promise<DriveResult>;
}

let count = 0;
/** One run of an agent, under way. */
async function play(define: (tape: Tape) => AgentDefinition, settings: { ttlMs?: number } = {}): Promise<Scene> {
  const tape = createTape({ app: `cancel-${(count += 1)}` });
  const agent = define(tape);
  const { run } = await startRun(world.store, { app: tape.app, agent: agent.name, input: {}, startedBy: "test" });
  const drive = driveOf(world, agent, await claim(world, agent, settings));
  return { tape, id: run.id, drive, result: drive.run() };
}

/** Wires, and then wires again. */
function twoWires(body: ReturnType<typeof slowBody>, after: () => void = () => {}) {
  return (tape: Tape) => {
    const first = tape.effect("first", { compensate: async () => {} }, body.run);
    const second = tape.effect("second", after);
    return tape.agent("pay", async (run) => {
      await first(run, {});
      await second(run, {});
    });
  };
}

test("C2 a body that ignores its signal goes on until it returns: outcome and obligation are recorded, nothing else is called, the run settles", async () => {
  const body = slowBody();
  let later = 0;
  const { id, drive, result } = await play(twoWires(body, () => void (later += 1)));
  const { signal } = await body.begun;
  expect(await cancel(id)).toMatchObject({ status: "CANCELLED", settledAt: null, cancelReason: "wrong file" });
  drive.poke();
  await expect.poll(() => signal.aborted).toBe(true);
  await expect.poll(async () => (await getRun(world.store, { id })).cancelNoticedAt).not.toBeNull();
  expect((await getRun(world.store, { id })).settledAt).toBeNull();
  body.returns({ ref: "W1" });
  expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
  const run = await getRun(world.store, { id });
  expect(run).toMatchObject({ status: "CANCELLED", unsettled: 0, lease: null });
  expect(run.settledAt).not.toBeNull();
  expect(await effects(id)).toEqual([{ tool: "first", status: "CONFIRMED" }]);
  expect((await listObligations(world.store, { runId: id })).items.map(({ status }) => status)).toEqual(["REGISTERED"]);
  expect(later).toBe(0);
  expect((await verbs(id)).slice(-5)).toEqual(["run.cancelled", "run.cancel_noticed", "effect.confirmed", "obligation.registered", "run.settled"]);
});

test("C3 a body that throws RunCancelled did nothing: its effect is FAILED with the reason cancelled", async () => {
  const body = slowBody();
  const { id, drive, result } = await play(twoWires(body));
  const ctx = await body.begun;
  expect(await ctx.isCancelled()).toBe(false);
  await cancel(id);
  expect(await ctx.isCancelled()).toBe(true);
  expect(ctx.signal.aborted).toBe(true);
  body.throws(new RunCancelled());
  expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
  expect(await effects(id)).toEqual([{ tool: "first", status: "FAILED" }]);
  expect((await journal(id)).find(({ verb }) => verb === "failed")?.payload).toMatchObject({ reason: "cancelled", by: "driver" });
  drive.dispose();
});

test("C3 a body that throws RunCancelled on a later try says nothing of an earlier one that was lost: its effect is UNKNOWN", async () => {
  const [first, again] = [slowBody(), slowBody()];
  const tape = createTape({ app: "cancel-lost" });
  const wire = tape.effect("first", (ctx) => (ctx.attempt === 1 ? first : again).run(ctx));
  const agent = tape.agent("pay", async (run) => wire(run, {}));
  const { run } = await startRun(world.store, { app: tape.app, agent: agent.name, input: {}, startedBy: "test" });
  // The process of this one is gone before its body returns: it may have moved money.
  void driveOf(world, agent, await claim(world, agent)).run();
  await first.begun;
  await expireLeases(world);
  const drive = driveOf(world, agent, await claim(world, agent));
  const result = drive.run();
  const ctx = await again.begun;
  await cancel(run.id);
  expect(await ctx.isCancelled()).toBe(true);
  again.throws(new RunCancelled());
  expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
  expect(await effects(run.id)).toEqual([{ tool: "first", status: "UNKNOWN" }]);
});

test("C10 what is thrown because the signal was aborted is a lost acknowledgement, and so is what fetch throws", async () => {
  const body = slowBody();
  const { id, drive, result } = await play(twoWires(body));
  const { signal } = await body.begun;
  await cancel(id);
  drive.poke();
  await expect.poll(() => signal.aborted).toBe(true);
  expect(signal.reason).toMatchObject({ name: "AbortError" });
  body.throws(signal.reason);
  expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
  expect(await effects(id)).toEqual([{ tool: "first", status: "UNKNOWN" }]);
  expect(await getRun(world.store, { id })).toMatchObject({ status: "CANCELLED", unsettled: 1 });
});

test("a cancellation that nobody told the driver of is noticed at the next boundary: the second tool is not called", async () => {
  const body = slowBody();
  let later = 0;
  const { id, result } = await play(twoWires(body, () => void (later += 1)));
  await body.begun;
  await cancel(id);
  body.returns("done");
  expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
  expect(later).toBe(0);
  expect(await effects(id)).toEqual([{ tool: "first", status: "CONFIRMED" }]);
});

test("a run that is cancelled between its claim and its first look ends at once, and nothing is called", async () => {
  let called = 0;
  const tape = createTape({ app: "early" });
  const agent = tape.agent("early", async () => void (called += 1));
  const { run } = await startRun(world.store, { app: "early", agent: "early", input: {}, startedBy: "test" });
  const given = await claim(world, agent);
  await cancel(run.id);
  expect(await driveOf(world, agent, given).run()).toEqual({ status: "ended", as: "CANCELLED" });
  expect(called).toBe(0);
  expect((await getRun(world.store, { id: run.id })).settledAt).not.toBeNull();
});

test("the code learns of it once, by RunCancelled at what it awaits, and a loop that asks again does not spin", async () => {
  const body = slowBody();
  let learned = 0;
  const { id, drive, result } = await play((tape) => {
    const wire = tape.effect("wire", body.run);
    return tape.agent("stubborn", async (run) => {
      for (;;) {
        try {
          return await wire(run, {});
        } catch (error) {
          expect(error).toBeInstanceOf(RunCancelled);
          learned += 1;
        }
      }
    });
  });
  await body.begun;
  await cancel(id);
  drive.poke();
  await expect.poll(() => learned).toBe(1);
  body.returns("late");
  expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
  expect([learned, await effects(id)]).toEqual([1, [{ tool: "wire", status: "CONFIRMED" }]]);
});

test("a lease that runs out while the run drains is the end of the wait; a confirmation after it is still taken", async () => {
  const body = slowBody();
  const { id, drive, result } = await play(twoWires(body));
  await body.begun;
  await cancel(id);
  drive.poke();
  await expect.poll(async () => (await getRun(world.store, { id })).cancelNoticedAt).not.toBeNull();
  expect(drive.renewable).toBe(false);
  drive.abort("lease_lost");
  expect(await result).toMatchObject({ status: "lost", reason: "lease_lost" });
  body.returns({ ref: "W1" });
  await expect.poll(() => effects(id)).toEqual([{ tool: "first", status: "CONFIRMED" }]);
});

test("a worker that stops settles a draining run at once: what still runs may have happened, and is corrected when it returns", async () => {
  const body = slowBody();
  const { id, drive, result } = await play(twoWires(body));
  await body.begun;
  await cancel(id);
  drive.abort("cancelled");
  drive.abort("stopping");
  expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
  expect(await effects(id)).toEqual([{ tool: "first", status: "UNKNOWN" }]);
  body.returns({ ref: "W1" });
  await expect.poll(() => effects(id)).toEqual([{ tool: "first", status: "CONFIRMED" }]);
  expect((await listObligations(world.store, { runId: id })).items).toHaveLength(1);
});

test("O3 what a body confirms after its run's compensation was asked for is recorded with its obligation before the run settles", async () => {
  const body = slowBody();
  const { id, drive, result } = await play(twoWires(body));
  await body.begun;
  await cancel(id);
  await compensateRun(world.store, { id, reason: "all of it", actor: operator });
  drive.poke();
  await expect.poll(async () => (await getRun(world.store, { id })).cancelNoticedAt).not.toBeNull();
  body.returns({ ref: "W1" });
  expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
  expect(await getRun(world.store, { id })).toMatchObject({ status: "COMPENSATING", endedAs: "CANCELLED", unsettled: 0, lease: null });
  expect((await listObligations(world.store, { runId: id })).items.map(({ status }) => status)).toEqual(["REGISTERED"]);
});

test("a call that a framework performs is waited for, and its word is taken", async () => {
  let told: (confirm: (result: string) => Promise<string>) => void = () => {};
  const begun = new Promise<(result: string) => Promise<string>>((resolve) => (told = resolve));
  const { id, drive, result } = await play((tape) =>
    tape.agent("by-hand", async (run) => {
      const call = await run.beginEffect<string>("wire", {});
      if (!call.recorded) told(call.confirm);
      await run.sleep(60_000);
    }),
  );
  const confirm = await begun;
  await cancel(id);
  drive.poke();
  await expect.poll(async () => (await getRun(world.store, { id })).cancelNoticedAt).not.toBeNull();
  void confirm("W1");
  expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
  expect(await effects(id)).toEqual([{ tool: "wire", status: "CONFIRMED" }]);
});

test("a retry policy that waits is over: the effect failed with what was thrown last", async () => {
  let tries = 0;
  const { id, drive, result } = await play((tape) => {
    const wire = tape.effect("wire", { retry: { attempts: 5, firstDelayMs: 4_500 } }, () => {
      tries += 1;
      throw new Error("503");
    });
    return tape.agent("retrying", (run) => wire(run, {}));
  });
  await expect.poll(async () => (await verbs(id)).at(-1)).toBe("effect.attempt_failed");
  await cancel(id);
  drive.poke();
  expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
  expect([tries, await effects(id)]).toEqual([1, [{ tool: "wire", status: "FAILED" }]]);
});

test("C1 a run that is parked until its next try is cancelled: what it tried last failed, nobody has to ask", async () => {
  const { id, result } = await play((tape) => {
    const wire = tape.effect("wire", { retry: { attempts: 5, firstDelayMs: 600_000 } }, () => {
      throw new Error("503");
    });
    return tape.agent("patient", (run) => wire(run, {}));
  });
  expect(await result).toMatchObject({ status: "parked" });
  expect(await cancel(id)).toMatchObject({ status: "CANCELLED", unsettled: 0 });
  expect((await journal(id)).find(({ verb }) => verb === "failed")?.payload).toMatchObject({ error: { message: "503" } });
});

test("D13 AckLost stays UNKNOWN in a cancelled run", async () => {
  const body = slowBody();
  const { id, drive, result } = await play(twoWires(body));
  await body.begun;
  await cancel(id);
  drive.poke();
  body.throws(new AckLost("no answer"));
  expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
  expect(await effects(id)).toEqual([{ tool: "first", status: "UNKNOWN" }]);
});

const expiryOf = async (id: string) => {
  const { rows } = await world.store.pool.query<{ at: Date }>("SELECT lease_expires_at AS at FROM tape.runs WHERE id = $1", [id]);
  return rows[0]?.at.getTime() ?? 0;
};

test("C7 heartbeat renews the lease of a body, at most once in a tenth of the TTL, and throws LeaseLost once another driver has it", async () => {
  const body = slowBody();
  const { id, drive, result } = await play(twoWires(body), { ttlMs: 2_000 });
  const ctx = await body.begun;
  const before = await expiryOf(id);
  await ctx.heartbeat();
  await expect.poll(async () => {
    await ctx.heartbeat();
    return await expiryOf(id);
  }).toBeGreaterThan(before);
  await expireLeases(world);
  await world.store.pool.query("UPDATE tape.runs SET epoch = epoch + 1, owner = 'wrk_OTHER' WHERE id = $1", [id]);
  await expect
    .poll(async () => {
      const beat = await ctx.heartbeat().catch((error: unknown) => error);
      return beat instanceof LeaseLost;
    })
    .toBe(true);
  expect(ctx.signal.aborted).toBe(true);
  expect(await result).toMatchObject({ status: "lost", reason: "lease_lost" });
  body.returns(null);
  drive.dispose();
});

test("C7 in a cancelled run a heartbeat still renews, so that the body may finish", async () => {
  const body = slowBody();
  const { id, drive, result } = await play(twoWires(body), { ttlMs: 1_000 });
  const ctx = await body.begun;
  await cancel(id);
  drive.poke();
  await expect.poll(() => ctx.signal.aborted).toBe(true);
  const before = await expiryOf(id);
  await expect.poll(async () => {
    await ctx.heartbeat();
    return await expiryOf(id);
  }).toBeGreaterThan(before);
  body.returns("done");
  expect(await result).toEqual({ status: "ended", as: "CANCELLED" });
});

test("autoHeartbeat renews by itself, and stops at maxRuntimeMs", async () => {
  const body = slowBody();
  const define = (maxRuntimeMs: number) => (tape: Tape) => {
    const wire = tape.effect("wire", { autoHeartbeat: true, maxRuntimeMs }, body.run);
    return tape.agent("beating", (run) => wire(run, {}));
  };
  const { id, result } = await play(define(60_000), { ttlMs: 400 });
  await body.begun;
  const before = await expiryOf(id);
  await expect.poll(() => expiryOf(id)).toBeGreaterThan(before + 300);
  body.returns("done");
  expect(await result).toEqual({ status: "ended", as: "COMPLETED" });

  const hung = slowBody();
  const other = await play(
    (tape) => {
      const wire = tape.effect("wire", { autoHeartbeat: true, maxRuntimeMs: 1 }, hung.run);
      return tape.agent("hanging", (run) => wire(run, {}));
    },
    { ttlMs: 400 },
  );
  await hung.begun;
  await expect.poll(async () => (await expiryOf(other.id)) < Date.now()).toBe(true);
  other.drive.abort("lease_lost");
  hung.returns(null);
  await other.result;
});

test("a body that renews itself for ever is refused when it is defined, and a compensator that could not be found again", () => {
  const tape = createTape({ app: "refused" });
  expect(() => tape.effect("hang", { autoHeartbeat: true }, () => null)).toThrow(/maxRuntimeMs/);
  expect(() => tape.effect("hang", { maxRuntimeMs: 10 }, () => null)).toThrow(/autoHeartbeat/);
});
