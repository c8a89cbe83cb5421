import { isDeepStrictEqual } from "node:util";
import type { Hint } from "@tape/core";
import { plainJson } from "../model/index.ts";
import type { Answer } from "./answer.ts";
import { sameAnswer } from "./answer.ts";
import { onlyOf, serialOrders } from "./beside.ts";
import { CLOCK, COMMANDS, LOCKING } from "./command/index.ts";
import { laterThan } from "./command/clock.ts";
import type { Context } from "./command/context.ts";
import { Picks } from "./picks.ts";
import { everythingTried } from "./everything.ts";
import { PREFIXES, type PrefixName } from "./prefix/index.ts";
import { differences } from "./projection/differences.ts";
import { BEGINNING, createIdealSide, LOCK, type IdealSide, type RealSide } from "./sides.ts";
import type { Tally } from "./tally.ts";
import type { Call } from "./verbs.ts";

/** One step of a history before it is known what there is: commands by their names, of which the first is done that there is something for, and the numbers that choose its details. */
export interface Step {
  tries: readonly string[];
  picks: readonly number[];
  /** A second one at the same moment. */
  beside?: Pick<Step, "tries" | "picks"> | null;
}

export interface History {
  prefix: PrefixName;
  steps: readonly Step[];
}

/** One line of what was done: the clock moved to so many ms after the beginning, the workers' session lock taken or let go, a call, or two at once. */
export type Line = { at: number } | { holdsLock: boolean } | Call | readonly [Call, Call];

/** The two sides at one point of a history, and how they got there. */
export class Pairing {
  readonly lines: Line[] = [];
  private number = 0;
  private ideal: IdealSide = createIdealSide();

  private constructor(
    private readonly real: RealSide,
    private readonly tally?: Tally,
  ) {}

  static async begin(real: RealSide, tally?: Tally): Promise<Pairing> {
    await real.empty();
    await real.holdLock(false);
    real.clock.now = BEGINNING;
    return new Pairing(real, tally);
  }

  context(picks: readonly number[], ahead = 1): Context {
    return { model: this.ideal.model, picks: new Picks(picks), number: this.number + ahead };
  }

  moveTo(at: number): void {
    this.real.clock.now = this.ideal.model.now = at;
    this.lines.push({ at: at - BEGINNING });
  }

  async holdLock(isHeld: boolean): Promise<void> {
    if (isHeld) this.ideal.model.heldLocks.add(BigInt(LOCK));
    else this.ideal.model.heldLocks.clear();
    await this.real.holdLock(isHeld);
    this.lines.push({ holdsLock: isHeld });
  }

  /** @throws {Error} with the whole history when the two sides do not agree. */
  async do(call: Call): Promise<void> {
    const command = ++this.number;
    this.lines.push(call);
    const tried = this.tally?.before(this.ideal.model, call);
    const expected = this.ideal.do(call, command);
    tried?.after(this.ideal.model);
    const answer = await this.real.do(call, command);
    if (!sameAnswer(answer, expected)) throw this.disagreement([`the answer is ${JSON.stringify(answer)} in the store, ${JSON.stringify(expected)} in the model`]);
    const found = [...differences(await this.real.read(), this.ideal.read()), ...untold(this.real.told(), this.ideal.model.hints.splice(0), call)];
    if (found.length > 0) throw this.disagreement(found);
  }

  /** Two at once, the second `turns` of the event loop after the first: what comes of it must be what one order of them brings. */
  async doBoth(one: Call, other: Call, turns = 0): Promise<void> {
    const commands = [this.number + 1, this.number + 2] as const;
    this.number += 2;
    this.lines.push([one, other]);
    const orders = serialOrders(this.ideal, [one, other], commands);
    const answers = await Promise.all([this.real.do(one, commands[0]), after(turns).then(() => this.real.do(other, commands[1]))]);
    const whole = await this.real.read();
    this.real.told();
    const found = orders.map(({ name, side, fits }) => ({ name, side, found: [...fits(answers), ...differences(whole, side.read())] }));
    const fitting = found.find((order) => order.found.length === 0);
    if (!fitting) throw this.disagreement([...answersOf(answers), ...found.flatMap((order) => [`as ${order.name}:`, ...order.found.map((line) => `  ${line}`)])]);
    this.ideal = fitting.side;
  }

  private disagreement(found: readonly string[]): Error {
    return new Error(`The store and the model do not agree.\n${found.join("\n")}\n\nafter\n${printed(this.lines)}`);
  }
}

async function after(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
}

/** The model may tell more. What is told of a commit, the `Committer` says, which is above both. */
function untold(real: readonly Hint[], ideal: readonly Hint[], { verb }: Call): string[] {
  if (verb === "commitRuns") return [];
  return real.filter((hint) => !ideal.some((own) => isDeepStrictEqual(plainJson(hint), plainJson(own)))).map((hint) => `the store tells ${JSON.stringify(hint)}, the model only ${JSON.stringify(ideal)}`);
}

function answersOf(answers: readonly Answer[]): string[] {
  return answers.map((answer, place) => `answer ${place + 1}: ${JSON.stringify(answer)}`);
}

/** What was done, to be pasted into a test: `await replay(real, [...])`. */
export function printed(lines: readonly Line[]): string {
  return `[\n${lines.map((line) => `  ${JSON.stringify(line)},`).join("\n")}\n]`;
}

function isPair(line: Line): line is readonly [Call, Call] {
  return Array.isArray(line);
}

/** Does again what a history that failed did. */
export async function replay(real: RealSide, lines: readonly Line[]): Promise<void> {
  const pairing = await Pairing.begin(real);
  for (const line of lines) {
    if (isPair(line)) await pairing.doBoth(line[0], line[1]);
    else if ("verb" in line) await pairing.do(line);
    else if ("at" in line) pairing.moveTo(BEGINNING + line.at);
    else await pairing.holdLock(line.holdsLock);
  }
}

/** @throws {Error} when the two sides do not agree. */
export async function runHistory(real: RealSide, { prefix, steps }: History, tally?: Tally): Promise<void> {
  const pairing = await begun(real, prefix, tally);
  for (const step of steps) await take(pairing, step);
}

async function begun(real: RealSide, prefix: PrefixName, tally: Tally | undefined): Promise<Pairing> {
  const pairing = await Pairing.begin(real, tally);
  for (const act of PREFIXES[prefix]) {
    const context = pairing.context([]);
    const call = typeof act === "function" ? act(context) : null;
    if (typeof act !== "function") pairing.moveTo(context.model.now + act.afterMs);
    if (call) await pairing.do(call);
  }
  return pairing;
}

/**
 * Where a prefix has led, tries every event on everything that does not allow it, and an hour later every event.
 *
 * @throws {Error} when the two sides do not agree.
 */
export async function tryEverything(real: RealSide, prefix: PrefixName, tally: Tally): Promise<void> {
  const pairing = await begun(real, prefix, tally);
  const { model } = pairing.context([]);
  for (const call of everythingTried(model)) if (tally.isRefused(model, call)) await pairing.do(call);
  pairing.moveTo(model.now + 3_600_000);
  for (const call of everythingTried(model)) await pairing.do(call);
}

async function take(pairing: Pairing, { tries, picks, beside }: Step): Promise<void> {
  for (const name of tries) {
    const context = pairing.context(picks);
    if (name === CLOCK) return pairing.moveTo(laterThan(context));
    if (name === LOCKING) return await pairing.holdLock(context.model.heldLocks.size === 0);
    const call = COMMANDS.get(name)!(context);
    if (call) return await doNow(pairing, call, picks[0] ?? 0, beside);
  }
}

/** At the same millisecond as the one before, or the next. */
async function doNow(pairing: Pairing, call: Call, number: number, beside: Step["beside"]): Promise<void> {
  const { model } = pairing.context([]);
  if (number % 4 !== 0) pairing.moveTo(model.now + 1);
  for (const make of beside?.tries.flatMap((name) => COMMANDS.get(name) ?? []) ?? []) {
    const second = make(near(pairing.context(beside!.picks, 2), call));
    if (second) return await pairing.doBoth(call, second, number % 12);
  }
  await pairing.do(call);
}

/** What two do at once is mostly about the same run. */
function near(context: Context, call: Call): Context {
  const said = JSON.stringify(call.input) ?? "";
  const runIds = [...context.model.runs.keys()].filter((id) => said.includes(id));
  return runIds.length === 0 || context.picks.isLucky(20) ? context : { ...context, model: onlyOf(context.model, new Set(runIds)) };
}
