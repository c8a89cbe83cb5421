import type { Entry } from "@tape/core";
import { decideGate, fireDueTimers, getRun, listGates, readJournal, resolveEffect, sendSignal, startRun, type Claim } from "@tape/store";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AckLost, awaitSignal, createTape, GateTimeout, sample, SignalTimeout, type AgentDefinition, type Drive, type Run } from "../src/index.ts";
import { claim, Death, driveOf, expireLeases, openWorld, type World } from "./world.ts";

/*
 * Agents nobody wrote: sequences, branches and races of every kind of step, driven by processes that die, stop or forget
 * at any boundary, while people, timers and counterparties answer when they like. Whatever happens, the journal has no
 * gap, every act has one key, nothing recorded is asked twice, and a program without races ends as if nothing had
 * happened. A failure prints the seed and the smallest program that shows it.
 */
let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

type Step = { id: number } & (
  | { do: "effect"; ends: "well" | "badly" | "lost" }
  | { do: "decide" | "sample" | "sleep" }
  | { do: "gate" | "signal"; isAnswered: boolean; isEarly: boolean }
);
type Program = (
  | Step
  | { do: "think"; turns: number }
  | { do: "scope"; name: string; body: Program }
  | { do: "all" | "race"; branches: Program[] }
)[];

const { program } = fc.letrec<{ program: Program; node: Program[number] }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: "xsmall" },
    fc.record({ id: fc.constant(0), do: fc.constant("effect" as const), ends: fc.constantFrom("well" as const, "well" as const, "badly" as const, "lost" as const) }),
    fc.record({ id: fc.constant(0), do: fc.constantFrom("decide" as const, "decide" as const, "sample" as const, "sleep" as const) }),
    fc.record({ id: fc.constant(0), do: fc.constantFrom("gate" as const, "signal" as const), isAnswered: fc.boolean(), isEarly: fc.boolean() }),
    fc.record({ do: fc.constant("think" as const), turns: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ do: fc.constant("scope" as const), name: fc.constantFrom("a", "b"), body: tie("program") }),
    fc.record({ do: fc.constantFrom("all" as const, "all" as const, "race" as const), branches: fc.array(tie("program"), { minLength: 2, maxLength: 3 }) }),
  ),
  program: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
}));

/** Gives each step its number: what it is known by outside, whatever its key. */
function numbered(given: Program, next = { id: 1 }): Program {
  return given.map((node) => {
    if ("id" in node) return { ...node, id: next.id++ };
    if (node.do === "scope") return { ...node, body: numbered(node.body, next) };
    if (node.do === "all" || node.do === "race") return { ...node, branches: node.branches.map((branch) => numbered(branch, next)) };
    return node;
  });
}

function stepsOf(given: Program): Step[] {
  return given.flatMap((node): Step[] => {
    if ("id" in node) return [node];
    if (node.do === "scope") return stepsOf(node.body);
    return node.do === "think" ? [] : node.branches.flatMap(stepsOf);
  });
}

function hasRace(given: Program): boolean {
  return given.some((node) => node.do === "race" || (node.do === "scope" && hasRace(node.body)) || (node.do === "all" && node.branches.some(hasRace)));
}

/** What a program without races returns. */
function expected(given: Program): unknown[] {
  return given.map((node) => {
    switch (node.do) {
      case "effect":
        return node.ends === "badly" ? `failed ${node.id}` : `effect ${node.id}`;
      case "gate":
      case "signal":
        return node.isAnswered ? `${node.do} ${node.id}` : `no ${node.do} ${node.id}`;
      case "decide":
      case "sample":
        return `${node.do} ${node.id}`;
      case "scope":
        return expected(node.body);
      case "all":
        return node.branches.map(expected);
      default:
        return node.do;
    }
  });
}

/** A small deterministic generator: a schedule is its seed. */
function generator(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    return ((mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The process that drives at the moment, and all that happened outside. */
class Outside {
  death = new Death(Number.POSITIVE_INFINITY);
  readonly acts: { id: number; key: string }[] = [];
  readonly calls = new Map<number, number>();
  constructor(readonly next: () => number) {}

  async takesAWhile(): Promise<void> {
    for (let turn = Math.floor(this.next() * 3); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
    if (this.death.dead) await never();
  }

  /** It may have happened although its driver died right before or after. */
  async act(id: number, key: string): Promise<number> {
    await this.takesAWhile();
    if (this.death.crosses()) await never();
    this.acts.push({ id, key });
    const call = (this.calls.get(id) ?? 0) + 1;
    this.calls.set(id, call);
    if (this.death.crosses()) await never();
    await this.takesAWhile();
    return call;
  }
}

const never = () => new Promise<never>(() => {});

function agentOf(given: Program, outside: Outside, app: string): AgentDefinition {
  const tape = createTape({ app });
  const gates = new Map(stepsOf(given).flatMap(({ id, ...step }) => (step.do === "gate" ? [[id, tape.gateTool(`gate-${id}`, { timeoutMs: 3_600_000 })] as const] : [])));

  async function step(run: Run, node: Step): Promise<unknown> {
    switch (node.do) {
      case "effect":
        return run
          .effect("act", { id: node.id }, async (ctx) => {
            const call = await outside.act(node.id, ctx.key);
            if (node.ends === "badly") throw new Error(`failed ${node.id}`);
            if (node.ends === "lost" && call === 1) throw new AckLost("gone");
            return `effect ${node.id}`;
          })
          .catch((error: Error) => error.message);
      case "decide":
        return run.decide("judge", { model: "m", request: { id: node.id } }, async () => {
          await outside.takesAWhile();
          return `decide ${node.id}`;
        });
      case "sample":
        return sample(run, async () => {
          await outside.takesAWhile();
          return `sample ${node.id}`;
        });
      case "sleep":
        await run.sleep(3_600_000);
        return "sleep";
      case "gate":
        return gates.get(node.id)!(run, { id: node.id }).then(
          ({ comment }) => comment,
          (error: unknown) => (error instanceof GateTimeout ? `no gate ${node.id}` : String(error)),
        );
      case "signal":
        return awaitSignal(run, `signal-${node.id}`, { timeoutMs: 3_600_000 }).catch((error: unknown) => (error instanceof SignalTimeout ? `no signal ${node.id}` : String(error)));
    }
  }

  async function perform(run: Run, program: Program): Promise<unknown[]> {
    const results: unknown[] = [];
    for (const node of program) {
      if ("id" in node) results.push(await step(run, node));
      else if (node.do === "scope") results.push(await run.scope(node.name, (inner) => perform(inner, node.body)));
      else if (node.do === "think") {
        for (let turn = 0; turn < node.turns; turn++) await Promise.resolve();
        results.push("think");
      } else {
        const branches = node.branches.map((branch) => perform(run, branch));
        results.push(await (node.do === "all" ? Promise.all(branches) : Promise.race(branches)));
      }
    }
    return results;
  }
  return tape.agent("random", (run) => perform(run, given));
}

/** Everything that comes to a run from outside. */
class Arrivals {
  private readonly steps: Map<number, Step>;
  constructor(
    given: Program,
    readonly runId: string,
    readonly next: () => number,
  ) {
    this.steps = new Map(stepsOf(given).map((step) => [step.id, step]));
  }

  /** Signals that are sent before anybody awaits them. */
  async early(): Promise<void> {
    for (const step of this.steps.values()) if (step.do === "signal" && step.isAnswered && step.isEarly) await this.signal(step.id);
  }

  /** One thing the run waits for comes. False when there is none. */
  async one(): Promise<boolean> {
    const coming = [...(await this.gates()), ...(await this.timers()), ...(await this.effects()), ...(await this.signals())];
    const chosen = coming[Math.floor(this.next() * coming.length)];
    await chosen?.();
    return chosen !== undefined;
  }

  private async gates(): Promise<(() => Promise<void>)[]> {
    const { items } = await listGates(world.store, { runId: this.runId });
    return items.flatMap((gate) => {
      const id = Number(gate.name.split("-")[1]);
      const step = this.steps.get(id);
      if (gate.status !== "OPEN" || step?.do !== "gate" || !step.isAnswered) return [];
      return [async () => void (await decideGate(world.store, { id: gate.id, outcome: "approved", comment: `gate ${id}`, fingerprint: gate.fingerprint, actor: APPROVER }))];
    });
  }

  /** Sleeps, and the deadlines of what is not answered. */
  private async timers(): Promise<(() => Promise<void>)[]> {
    const { rows } = await world.store.pool.query<{ id: string; kind: string; name: string | null }>(
      "SELECT t.id, t.kind, g.name FROM tape.timers t LEFT JOIN tape.gates g ON g.run_id = t.run_id AND g.id = t.ref WHERE t.run_id = $1 AND t.status = 'ARMED' ORDER BY t.id",
      [this.runId],
    );
    return rows.flatMap(({ id, kind, name }) => {
      const step = this.steps.get(Number(/(?:gate|signal)-(\d+)/.exec(name ?? id)?.[1]));
      const mayFire = kind === "wake" || ((step?.do === "gate" || step?.do === "signal") && !step.isAnswered);
      return mayFire ? [() => this.fire(id)] : [];
    });
  }

  private async fire(id: string): Promise<void> {
    await world.store.pool.query("UPDATE tape.timers SET fire_at = tape.now() WHERE run_id = $1 AND id = $2", [this.runId, id]);
    await fireDueTimers(world.store);
  }

  private async effects(): Promise<(() => Promise<void>)[]> {
    const { rows } = await world.store.pool.query<{ id: string; request: string }>(
      "SELECT e.id, b.body::json ->> 'request' AS request FROM tape.effects e JOIN tape.bodies b ON b.run_id = e.run_id AND b.seq = e.request_seq WHERE e.run_id = $1 AND e.status = 'UNKNOWN' ORDER BY e.key",
      [this.runId],
    );
    return rows.map(({ id, request }) => {
      const step = this.steps.get((JSON.parse(request) as { id: number }).id);
      // A body that failed while its worker stopped may have acted (D13): whoever looks finds out that it did not.
      const found = step?.do === "effect" && step.ends === "badly" ? ("failed" as const) : ("confirmed" as const);
      const outcome = this.next() < 0.5 ? ("retry" as const) : found;
      return async () => void (await resolveEffect(world.store, { id, outcome, reason: `failed ${step?.id}`, result: `effect ${step?.id}`, actor: OPERATOR }));
    });
  }

  private async signals(): Promise<(() => Promise<void>)[]> {
    const { items } = await readJournal(world.store, { runId: this.runId, fromSeq: 0, limit: 500 });
    const sent = new Set(items.flatMap((entry) => (entry.kind === "signal" && entry.verb === "received" ? [entry.payload.name] : [])));
    return items.flatMap((entry) => {
      if (entry.kind !== "signal" || entry.verb !== "awaited" || sent.has(entry.payload.name)) return [];
      const step = this.steps.get(Number(entry.payload.name.split("-")[1]));
      return step?.do === "signal" && step.isAnswered ? [() => this.signal(step.id)] : [];
    });
  }

  private async signal(id: number): Promise<void> {
    await sendSignal(world.store, { runId: this.runId, name: `signal-${id}`, payload: `signal ${id}`, by: "test" });
  }
}

const APPROVER = { id: "user:ann@example.com", email: "ann@example.com", role: "approver" } as const;
const OPERATOR = { id: "user:olga@example.com", email: "olga@example.com", role: "operator" } as const;

/** A run that somebody holds at the moment (a late outcome is written) is passed over by a claim. */
async function claimWhenFree(agent: AgentDefinition): Promise<Claim> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    try {
      return await claim(world, agent);
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

async function died(death: Death): Promise<"died"> {
  while (!death.dead) await new Promise((resolve) => setTimeout(resolve, 1));
  return "died";
}

const MOST_DRIVES = 150;

/** Drives a run to its end through everything its schedule holds. */
async function driveToEnd(given: Program, agent: AgentDefinition, outside: Outside, runId: string, deaths: readonly number[]): Promise<void> {
  const { next } = outside;
  const arrivals = new Arrivals(given, runId, next);
  await arrivals.early();
  const left = [...deaths];
  let parked: Drive | null = null;

  for (let drives = 0; drives < MOST_DRIVES; ) {
    const { status, endedAt } = await getRun(world.store, { id: runId });
    if (endedAt !== null) return;
    expect(status, "the run is stuck").not.toBe("STUCK");
    if (status === "WAITING") {
      // Nothing to come: then its own code went on while it was parked.
      const isWaiting = async () => (await getRun(world.store, { id: runId })).status === "WAITING";
      if (!(await arrivals.one())) await expect.poll(isWaiting, { message: "nothing can wake the run" }).toBe(false);
      continue;
    }
    drives += 1;
    const death: Death = (outside.death = new Death(left.shift() ?? Number.POSITIVE_INFINITY));
    const given = await claimWhenFree(agent);
    const kept: Drive | null = parked?.epoch === given.epoch - 1 && next() < 0.6 ? parked : null;
    if (!kept) parked?.dispose();
    const drive: Drive = kept ?? driveOf(world, agent, given, { replayTimeoutMs: 10_000, journal: (inner) => ({
      read: (fromSeq) => outside.death.journal(inner).read(fromSeq),
      unpark: (epoch) => outside.death.journal(inner).unpark(epoch),
      renew: (epoch) => outside.death.journal(inner).renew(epoch),
      noticeCancel: (epoch) => outside.death.journal(inner).noticeCancel(epoch),
      settle: (epoch) => outside.death.journal(inner).settle(epoch),
      late: (outcome) => outside.death.journal(inner).late(outcome),
      commit: async (commit) => {
        const mine = outside.death;
        // Something may come right before a commit goes out: also before the one that would park the run.
        if (next() < 0.15 && !mine.dead) await arrivals.one();
        if (next() < 0.03) drive.release();
        else if (next() < 0.02) drive.abort("stopping");
        return await mine.journal(inner).commit(commit);
      },
    }) });
    const result = await Promise.race([kept ? kept.resume(given) : drive.run(), died(death)]);
    parked = null;
    if (result === "died") {
      drive.dispose();
      await death.settled();
      await expireLeases(world);
    } else if (result.status === "parked") parked = drive;
    else {
      if (result.status === "lost") expect(result, result.message).toMatchObject({ reason: "settled_elsewhere" });
      drive.dispose();
    }
  }
  throw new Error(`the run does not end in ${MOST_DRIVES} drives`);
}

async function journalOf(runId: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const { items } = await readJournal(world.store, { runId, fromSeq: entries.length, limit: 500 });
    entries.push(...items);
    if (items.length < 500) return entries;
  }
}

/** What must hold of every journal, whatever the program. */
function expectSound(entries: readonly Entry[], outside: Outside): void {
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, place) => place + 1));
  const over = new Set<string>();
  const once = (what: string) => {
    expect(over.has(what), `${what} twice`).toBe(false);
    over.add(what);
  };
  const keys = new Map<number, string>();
  for (const entry of entries) {
    const said = `${entry.kind}.${entry.verb}`;
    if (entry.kind === "decision") {
      const { key } = entry.payload;
      if (entry.verb === "asked") expect(over.has(`answer ${key}`), `${key} asked after its answer`).toBe(false);
      else once(`answer ${key}`);
    } else if (entry.kind === "effect") {
      const { key } = entry.payload;
      if (entry.verb === "confirmed" || entry.verb === "failed") once(`outcome ${key}`);
      // A late outcome may come after the next driver has read, and before it does it again.
      if (entry.verb === "confirmed" && entry.payload.by === "late") over.add(`late ${key}`);
      if (entry.verb === "delivered") once(`delivery ${key}`);
      if (entry.verb === "resumed") expect(over.has(`outcome ${key}`) && !over.has(`late ${key}`), `${key} done after its outcome`).toBe(false);
      if (entry.verb !== "intended") continue;
      once(`intent ${key}`);
      const { id } = entry.payload.request as { id: number };
      expect(keys.get(id) ?? key, `act ${id}`).toBe(key);
      keys.set(id, key);
    } else if (said === "run.sampled" || said === "gate.opened" || said === "gate.delivered" || said === "signal.awaited" || said === "signal.delivered" || said === "timer.delivered") {
      once(`${said} ${(entry.payload as { key: string }).key}`);
    } else if (said === "timer.armed") once(`${said} ${(entry.payload as { timerId: string }).timerId}`);
  }
  for (const { id, key } of outside.acts) expect(key, `act ${id} was done under another key than recorded`).toBe(keys.get(id));
  for (const [id, calls] of outside.calls) {
    const tries = entries.filter((entry) => entry.kind === "effect" && (entry.verb === "intended" || entry.verb === "resumed") && entry.payload.key === keys.get(id)).length;
    expect(calls, `act ${id}`).toBeLessThanOrEqual(tries);
  }
}

async function expectClosed(runId: string): Promise<void> {
  const { rows } = await world.store.pool.query<{ gates: number; timers: number; open: number; counted: number }>(
    `SELECT (SELECT count(*)::int FROM tape.gates WHERE run_id = $1 AND status = 'OPEN') AS gates,
       (SELECT count(*)::int FROM tape.timers WHERE run_id = $1 AND status = 'ARMED') AS timers,
       (SELECT count(*)::int FROM tape.effects WHERE run_id = $1 AND status IN ('PENDING', 'UNKNOWN')) AS open,
       (SELECT open_effects FROM tape.runs WHERE id = $1) AS counted`,
    [runId],
  );
  expect(rows).toEqual([{ gates: 0, timers: 0, open: 0, counted: 0 }]);
}

let cases = 0;
async function tryProgram(given: Program, deaths: number[], seed: number): Promise<void> {
  const outside = new Outside(generator(seed));
  const agent = agentOf(given, outside, `random-${++cases}`);
  const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input: null, startedBy: "test" });
  await driveToEnd(given, agent, outside, run.id, deaths);
  const after = await getRun(world.store, { id: run.id });
  expect(after).toMatchObject({ status: "COMPLETED", unsettled: 0, lease: null });
  if (!hasRace(given)) expect(after.output).toEqual(expected(given));
  expectSound(await journalOf(run.id), outside);
  await expectClosed(run.id);
}

const schedule = { deaths: fc.array(fc.nat(30), { maxLength: 4 }), seed: fc.nat() };

test("R11 agents that nobody wrote, under deaths, stops and arrivals at any moment: one key each, nothing twice, never STUCK, the same end", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(program.map((given) => numbered(given)), schedule.deaths, schedule.seed, tryProgram),
    { numRuns: 150, interruptAfterTimeLimit: 25_000, markInterruptAsFailure: false },
  );
});
