import { getRun, readJournal, startRun } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTape, type AgentDefinition } from "../src/index.ts";
import { claim, Death, driveOf, expireLeases, openWorld, type World } from "./world.ts";

/*
 * The heart (D1, D2): the same agent driven under many schedules, its driver dead at one boundary after another, and
 * every act must keep the one key it was first recorded under.
 */
let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** A small deterministic generator: a schedule is its seed. */
function generator(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 1 | state) + 0x6d2b79f5) | 0;
    return ((state ^ (state >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Act {
  what: string;
  key: string;
}

/** Bodies that take a random while, die with their driver, and tell under which key they acted. */
class Outside {
  readonly acts: Act[] = [];
  readonly asked: string[] = [];
  death = new Death(Number.POSITIVE_INFINITY);
  constructor(private readonly next: () => number) {}

  async takesAWhile(): Promise<void> {
    const turns = Math.floor(this.next() * 4);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (this.death.dead) await new Promise(() => {});
  }

  /** What it does may have happened although its driver died right before or right after. */
  async act(what: string, key: string): Promise<string> {
    await this.takesAWhile();
    if (this.death.crosses()) await new Promise(() => {});
    this.acts.push({ what, key });
    if (this.death.crosses()) await new Promise(() => {});
    await this.takesAWhile();
    return `${what} done`;
  }
}

function branchingAgent(outside: Outside, app: string): AgentDefinition {
  const tape = createTape({ app });
  const check = tape.effect<{ row: number }, string>("check", (ctx, { row }) => outside.act(`check ${row}`, ctx.key));
  const wire = tape.effect<{ row: number; why: string }, string>("wire", (ctx, { row }) => outside.act(`wire ${row}`, ctx.key));
  const note = tape.effect<{ row: number }, string>("note", (ctx, { row }) => outside.act(`note ${row}`, ctx.key));
  return tape.agent<{ rows: number[] }, string[]>("branches", async (run, { rows }) => {
    const done = await Promise.all(
      rows.map(async (row) => {
        await check(run, { row });
        const why = await run.decide("judge", { model: "m", request: { row } }, async () => {
          await outside.takesAWhile();
          outside.asked.push(`judge ${row}`);
          return `because ${row}`;
        });
        const wired = await wire(run, { row, why });
        // Another depth of promises in each branch: order must come from the journal, not from luck.
        for (let depth = 0; depth < row; depth++) await Promise.resolve();
        await note(run, { row });
        return wired;
      }),
    );
    await check(run, { row: 99 });
    return done;
  });
}

/** Drives a run to its end, its driver dying at the given boundaries; one after the other. */
async function driveThrough(agent: AgentDefinition, outside: Outside, runId: string, deaths: number[]): Promise<void> {
  for (const at of [...deaths, Number.POSITIVE_INFINITY]) {
    const death = new Death(at);
    outside.death = death;
    const drive = driveOf(world, agent, await claim(world, agent), { journal: (journal) => death.journal(journal) });
    const result = await Promise.race([drive.run(), died(death)]);
    drive.dispose();
    if (result !== "died") return;
    await death.settled();
    await expireLeases(world);
    // It died after its last commit went through: there is nothing left to drive.
    if ((await getRun(world.store, { id: runId })).endedAt !== null) return;
  }
}

async function died(death: Death): Promise<"died"> {
  while (!death.dead) await new Promise((resolve) => setTimeout(resolve, 1));
  return "died";
}

async function expectOneKeyEach(outside: Outside, runId: string, output: unknown): Promise<void> {
  const run = await getRun(world.store, { id: runId });
  expect(run, JSON.stringify(run.whyWaiting)).toMatchObject({ status: "COMPLETED", unsettled: 0 });
  expect(run.output).toEqual(output);
  const keys = new Map<string, Set<string>>();
  for (const { what, key } of outside.acts) keys.set(what, (keys.get(what) ?? new Set()).add(key));
  for (const [what, used] of keys) expect([...used], `${what} under ${[...used].join(" and ")}`).toHaveLength(1);
  const { items } = await readJournal(world.store, { runId, fromSeq: 0, limit: 1_000 });
  expect(items.map(({ seq }) => seq)).toEqual(items.map((_, place) => place + 1));
  const recorded = new Map<string, string>();
  for (const entry of items) {
    if (entry.kind !== "effect" || entry.verb !== "intended") continue;
    const { row } = entry.payload.request as { row: number };
    const what = `${entry.payload.tool} ${row}`;
    expect(recorded.get(what) ?? entry.payload.key, what).toBe(entry.payload.key);
    recorded.set(what, entry.payload.key);
  }
}

const ROWS = [1, 2, 3, 4];
const EXPECTED = ROWS.map((row) => `wire ${row} done`);

test("R11 branches with decisions and chains of effects, killed at every boundary, 200 schedules: one key each, never STUCK", { timeout: 240_000 }, async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const next = generator(seed);
    const outside = new Outside(next);
    const agent = branchingAgent(outside, `r11-${seed}`);
    const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input: { rows: ROWS }, startedBy: "test" });
    // The first death walks over the boundaries from schedule to schedule; up to two more fall anywhere.
    const deaths = [seed % 50, ...(next() < 0.5 ? [Math.floor(next() * 40)] : []), ...(next() < 0.3 ? [Math.floor(next() * 30)] : [])];
    await driveThrough(agent, outside, run.id, deaths);
    await expectOneKeyEach(outside, run.id, EXPECTED);
  }
});

test("R8 of three effects in Promise.all one is confirmed when the driver dies: the other two run once more, keys unchanged", async () => {
  for (let boundary = 0; boundary < 12; boundary++) {
    const next = generator(1_000 + boundary);
    const outside = new Outside(next);
    const tape = createTape({ app: `r8-${boundary}` });
    const step = tape.effect<{ row: number }, string>("step", (ctx, { row }) => outside.act(`step ${row}`, ctx.key));
    const agent = tape.agent<object, string[]>("three", (run) => Promise.all([1, 2, 3].map((row) => step(run, { row }))));
    const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input: {}, startedBy: "test" });
    await driveThrough(agent, outside, run.id, [boundary]);
    await expectOneKeyEach(outside, run.id, [1, 2, 3].map((row) => `step ${row} done`));
    const { items } = await readJournal(world.store, { runId: run.id, fromSeq: 0 });
    const again = new Set(items.flatMap((entry) => (entry.kind === "effect" && entry.verb === "resumed" ? [entry.payload.key] : [])));
    for (const row of [1, 2, 3]) {
      const acts = outside.acts.filter(({ what }) => what === `step ${row}`);
      // Done again only where no outcome had been recorded.
      expect(acts.length, `step ${row}, boundary ${boundary}`).toBeLessThanOrEqual(1 + (again.has(acts[0]?.key ?? "") ? 1 : 0));
    }
  }
});
