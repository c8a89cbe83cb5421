import type { IdKind, RunStatus } from "@tape/core";
import type { EffectRow, GateRow, Model, ObligationRow, RunRow, TimerRow } from "../../model/index.ts";
import { idOf } from "../ids.ts";
import type { Picks } from "../picks.ts";
import type { Call } from "../verbs.ts";

/** What a command is made from. */
export interface Context {
  model: Model;
  picks: Picks;
  /** Of this command. */
  number: number;
}

/** Makes a call that fits what there is at the moment; null: there is nothing for it. */
export type Make = (context: Context) => Call | null;

export const APP = "bank";
/** The second one is pinned to its version by some of its runs. */
export const AGENTS = [
  { app: APP, agent: "pay", version: null },
  { app: APP, agent: "batch", version: "2" },
];
export const WORKERS = ["wrk_a", "wrk_b", "wrk_c"];
export const CONNECTOR = "swift";
export const TTLS = [60_000, 9_000];
export const COMPENSATORS = ["unwire", "unpay"].map((compensator) => ({ app: APP, compensator }));

/** Ids that a command brings with it stand apart from those that are made while it is done. */
const BROUGHT = 1_000;

export function newIdOf<K extends IdKind>({ number }: Context, kind: K, place = 0): `${K}_${string}` {
  return idOf(kind, number, BROUGHT + place);
}

export function runsOf({ model }: Context, ...statuses: RunStatus[]): RunRow[] {
  const runs = [...model.runs.values()];
  return statuses.length === 0 ? runs : runs.filter(({ status }) => statuses.includes(status));
}

/** One of these, or now and then any run. */
export function aRun(context: Context, ...statuses: RunStatus[]): RunRow | undefined {
  const isAny = context.picks.isLucky(12);
  return context.picks.maybeOf(runsOf(context, ...(isAny ? [] : statuses)));
}

export function anEffect({ model, picks }: Context, fits: (effect: EffectRow) => boolean): EffectRow | undefined {
  return aFitting(picks, [...model.effects.values()], fits);
}

export function aGate({ model, picks }: Context, fits: (gate: GateRow) => boolean): GateRow | undefined {
  return aFitting(picks, [...model.gates.values()], fits);
}

export function aTimer({ model, picks }: Context, fits: (timer: TimerRow) => boolean): TimerRow | undefined {
  return aFitting(picks, [...model.timers.values()], fits);
}

export function anObligation({ model, picks }: Context, fits: (obligation: ObligationRow) => boolean): ObligationRow | undefined {
  return aFitting(picks, [...model.obligations.values()], fits);
}

function aFitting<Row>(picks: Picks, all: Row[], fits: (row: Row) => boolean): Row | undefined {
  return picks.maybeOf(picks.isLucky(10) ? all : all.filter(fits));
}

/** Would somebody who looks for work find none? Now and then one looks all the same. */
export function isIdle<Row>({ picks }: Context, rows: ReadonlyMap<string, Row>, fits: (row: Row) => boolean): boolean {
  return !picks.isLucky(8) && ![...rows.values()].some(fits);
}

/** Is it this late? */
export function isDue({ model }: Context, at: number | null): boolean {
  return at !== null && at <= model.now;
}

/** Who holds a run, as it says itself; now and then somebody else, or one who held it before. */
export function holderOf({ picks }: Context, run: RunRow): { owner: string; epoch: number } {
  const own = { owner: run.owner ?? WORKERS[0]!, epoch: run.epoch };
  if (!picks.isLucky(10)) return own;
  return picks.of([
    { ...own, epoch: own.epoch - 1 },
    { ...own, owner: "wrk_other" },
    { ...own, epoch: own.epoch + 1 },
  ]);
}

/** The claim that a report goes back with; now and then one that is none. */
export function claimOf({ picks }: Context, claim: string | null): string {
  return claim === null || picks.isLucky(8) ? "wrk_other/rec_0" : claim;
}
