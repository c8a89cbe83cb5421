import { INVARIANTS, type Watch } from "../invariants/index.ts";
import { Town } from "../town/index.ts";
import { World, type Said, type VerbName, type Verbs } from "../world/index.ts";
import { Calm } from "./calm.ts";
import type { Act, Choice, Schedule } from "./choice.ts";
import { Crew } from "./crew.ts";
import { TROUBLE_MS } from "./generate.ts";
import { People } from "./people.ts";
import { Trace } from "./trace.ts";

export interface Violation {
  invariant: string;
  what: string;
  /** By the schedule's clock (ms). */
  atMs: number;
}

export interface Ended {
  schedule: Schedule;
  /** The first thing that did not hold; null when all did. */
  violation: Violation | null;
  /** How often what is rare was reached. */
  reached: Record<string, number>;
  /** How long it was, by its own clock (ms), and how much happened. */
  lastedMs: number;
  happened: number;
  /** What happened, a line each; empty unless asked for. */
  trace: string[];
}

export interface RunOptions {
  verbs?: Verbs | undefined;
  trace?: boolean | undefined;
}

/** These say or renew, and change nothing that an invariant looks at. */
const READS = new Set<VerbName>([
  "readForDriver", "getRun", "nextOutboxAt", "nextCheckAt", "nextTimerAt", "getValue", "readJournal", "compensationPlan", "beatWorker", "renewLeases", "registerWorker", "forgetDeadWorkers",
]);

/** How often it is looked whether all is over before its time (ms). */
const LOOK_MS = 2_000;

/** Runs one schedule from its beginning until all is quiet, and tells the first thing that did not hold. The same each time. */
export async function run(schedule: Schedule, { verbs, trace: isTraced = false }: RunOptions = {}): Promise<Ended> {
  let violation: Violation | null = null;
  const watches: Watch[] = [];
  const told = <K extends keyof Watch>(what: K) => watches.flatMap((each) => each[what] ?? []) as NonNullable<Watch[K]>[];
  const world: World = new World({
    seed: schedule.seed,
    withStacks: isTraced,
    ...(verbs && { verbs }),
    hooks: {
      moment: (process, call, moment) => {
        trace.moment(process, call, moment);
        due(`${process.slot} ${call.name} ${moment}`);
      },
      saying: (...given) => saying.forEach((tell) => tell(...given)),
      said: (each) => {
        trace.said(each);
        if (!READS.has(each.verb) && !isNothing(each)) look(each);
      },
      crashed: ({ process, error }) => violated("no crash", `${process} died of ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    },
  });
  const { timeline, database } = world;
  const { model } = database;
  const trace = new Trace(world, isTraced);
  const violated = (invariant: string, what: string): void => {
    violation ??= { invariant, what: world.plain(what), atMs: Math.round(timeline.now) };
    timeline.end();
  };
  // What an invariant throws is its own fault, and nobody's answer.
  const safely = (telling: () => void): void => {
    try {
      telling();
    } catch (error) {
      violated("no crash", `whoever watches died of ${(error as Error).stack}`);
    }
  };
  const town = new Town(world, {
    arrived: (...given) => safely(() => arrived.forEach((tell) => tell(...given))),
    asked: (label) => safely(() => asked.forEach((tell) => tell(label))),
    reminded: (timer) => safely(() => reminded.forEach((tell) => tell(timer))),
  });
  for (const { name, watch } of INVARIANTS) watches.push(watch({ world, model, town }, (what) => violated(name, what)));
  const [saying, said, grew, arrived, asked, reminded, ended] = [told("saying"), told("said"), told("grew"), told("arrived"), told("asked"), told("reminded"), told("ended")];

  const seen = new Map<string, number>();
  const look = (each: Said): void => {
    for (const row of model.runs.values()) {
      const before = seen.get(row.id) ?? 0;
      const entries = model.journals.get(row.id) ?? [];
      if (entries.length === before && row.seq === before) continue;
      seen.set(row.id, entries.length);
      const fresh = entries.slice(before);
      trace.grew(row, fresh);
      grew.forEach((tell) => tell(row, fresh));
    }
    said.forEach((tell) => tell(each));
  };

  const crew = new Crew(world, town, schedule);
  const people = new People(world, town, { mayStillBeSent: () => crew.isAnyPaused });
  const act = (given: Act): void => {
    trace.chose(given);
    perform(given, { world, town, crew, people });
  };
  const counted = new Map<string, number>();
  const waiting = new Map<string, Choice[]>();
  const due = (moment: string): void => {
    const nth = (counted.get(moment) ?? 0) + 1;
    counted.set(moment, nth);
    const now = waiting.get(moment)?.filter(({ when }) => "nth" in when && when.nth === nth) ?? [];
    // After what is under way: a choice is nobody's own doing.
    for (const choice of now) timeline.plan(0, null, () => act(choice.act));
  };
  for (const choice of schedule.choices) {
    const { when } = choice;
    if ("atMs" in when) timeline.plan(when.atMs, null, () => act(choice.act));
    else waiting.set(`${when.slot} ${when.call} ${when.moment}`, [...(waiting.get(`${when.slot} ${when.call} ${when.moment}`) ?? []), choice]);
  }
  crew.startAll();
  const calm = new Calm(world, town, people, crew, (what) => violated("every run gets on", what));
  const lastMs = Math.max(...schedule.choices.map(({ when }) => ("atMs" in when ? when.atMs : 0)));
  const beginCalm = (): void => {
    // Nothing is left that could go wrong, or the time is up: what waits for a call that was never made is left out.
    if (timeline.now < TROUBLE_MS && !calm.isOver()) return timeline.plan(LOOK_MS, null, beginCalm);
    waiting.clear();
    trace.say("from here on nothing goes wrong");
    calm.begin();
  };
  timeline.plan(Math.max(lastMs, 0) + LOOK_MS, null, beginCalm);
  const rejections = (error: unknown) => violated("no crash", `a rejection that nobody handled: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.on("unhandledRejection", rejections);
  try {
    await world.run();
  } finally {
    process.off("unhandledRejection", rejections);
  }
  if (violation === null) ended.forEach((tell) => tell());
  return { schedule, violation, reached: reachedBy(), lastedMs: Math.round(timeline.now), happened: timeline.happened, trace: trace.lines };

  function reachedBy(): Record<string, number> {
    return { ...crew.counts, ...world.network.counts, hints_lost: world.hints.counts.lost, ...people.counts, ...trace.counts };
  }
}

/** A look that found nothing. */
function isNothing({ answer }: Said): boolean {
  if (!answer.ok) return true;
  const { value } = answer;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== "object" || value === null) return false;
  const { claims, stuck, settled, fired } = value as { claims?: unknown[]; stuck?: unknown[]; settled?: unknown[]; fired?: number };
  if (claims && stuck) return claims.length + stuck.length === 0;
  return settled?.length === 0 || fired === 0;
}

interface Stage {
  world: World;
  town: Town;
  crew: Crew;
  people: People;
}

function perform(act: Act, { world, town, crew, people }: Stage): void {
  switch (act.do) {
    case "start":
      return town.start(act.agent, { name: act.name, ms: act.ms });
    case "kill":
      return crew.kill(act.slot, act.backInMs);
    case "stop":
      return crew.stop(act.slot, act.backInMs);
    case "pause":
      return crew.pause(act.slot, act.forMs);
    case "shift_clock":
      return crew.shiftClock(act.slot, act.byMs);
    case "cut":
      return world.cut(act.slot, act.forMs);
    case "deafen":
      return world.hints.deafen(act.slot, act.forMs);
    case "restart_database":
      return world.restartDatabase(act.forMs);
    case "break_calls":
      return void world.network.armed.push({ fault: act.fault, to: act.to, slot: act.slot, name: act.call, left: act.times });
    case "bank":
      town.bank.faults[act.fault] += act.times;
      return;
    case "attend":
      return attend(act.everyMs, { world, town, crew, people }, 0);
    case "person":
      people.act(act.act, act.pick);
      if (act.again) people.act(act.act, act.pick);
  }
}

/** The last thing that somebody decides is after the trouble: then others see to it. */
function attend(everyMs: number, stage: Stage, count: number): void {
  const { timeline } = stage.world;
  if (timeline.now > TROUBLE_MS) return;
  stage.people.act(count % 6 === 5 ? "reject" : "approve", count);
  timeline.plan(everyMs, null, () => attend(everyMs, stage, count + 1));
}
