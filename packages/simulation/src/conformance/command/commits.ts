import type { DriverRecord, LateOutcomeInput, RunCommit, RunEnd } from "@tape/store";
import { ofRun, type RunRow } from "../../model/index.ts";
import { callOf } from "../verbs.ts";
import { anEffect, aRun, holderOf, newIdOf, runsOf, TTLS, type Context, type Make } from "./context.ts";
import { decisionRecords } from "./decisions.ts";
import { delivered, goOn, intend, stepKey } from "./steps.ts";
import { askAgain, awaitSignal, closingOf, openGate, sleep, takeSignal, waitsOf } from "./waits.ts";

const ERROR = { name: "BankClosed", message: "closed until Monday" };

/** What a driver says next; `place` keeps what one commit makes apart. Each thing is spoken of at most once in a commit. */
type Saying = (context: Context, run: RunRow, place: number) => DriverRecord[];

const sampled: Saying = (context, run, place) => [
  { happening: { kind: "run", verb: "sampled", payload: { key: stepKey(run, "now", `${context.number}.${place}`), name: "now", fingerprint: "", value: context.picks.below(5) } } },
];

const intends: Saying = (context, run, place) => [intend(context, run, place)];

const goesOn: Saying = (context, run, place) => {
  const pending = ofRun(context.model.effects, run.id).filter(({ status, dispatch }) => status === "PENDING" && dispatch === "INLINE");
  const effect = pending[place];
  return effect ? goOn(context, run, effect, place) : intends(context, run, place);
};

const delivers: Saying = (context, run, place) => {
  const settled = ofRun(context.model.effects, run.id).filter(({ settledAt }) => settledAt !== null);
  const effect = settled[place];
  return effect ? [delivered(effect)] : [];
};

const opens: Saying = (context, run, place) => openGate(context, run, place);

const asksAgain: Saying = (context, run, place) => {
  const gate = place === 0 ? context.picks.maybeOf(ofRun(context.model.gates, run.id).filter(({ status }) => status !== "CANCELLED")) : undefined;
  return gate ? askAgain(context, run, gate, place) : openGate(context, run, place);
};

const takes: Saying = ({ model }, run, place) => (place === 0 ? takeSignal(model, run) : []);

const SAYINGS: readonly Saying[] = [goesOn, goesOn, goesOn, intends, opens, awaitSignal, sleep, sampled, decisionRecords, takes, delivers, asksAgain];

function endOf({ model, picks }: Context, run: RunRow): RunEnd {
  const seen = picks.isLucky(12) ? run.inbox + 1 : run.inbox;
  const waits = waitsOf(model, run);
  const parked = { to: "WAITING", inbox: seen, closing: [], waits: waits.length > 0 ? waits : [{ on: "signal", key: stepKey(run, "go", "0"), name: "go" }] } as const satisfies RunEnd;
  const closing = closingOf(model, run);
  return picks.of<RunEnd>([
    { to: "COMPLETED", inbox: seen, closing, output: { n: 1 } },
    parked as RunEnd,
    parked as RunEnd,
    { to: "FAILED", inbox: seen, closing, error: ERROR },
    { to: "RUNNABLE", inbox: null, closing: [], reason: "stopping", inMs: 0 },
    { to: "RUNNABLE", inbox: null, closing: [], reason: "backoff", inMs: 5_000 },
    { to: "STUCK", inbox: null, closing: [], reason: { code: "nondeterminism", message: "it asked for something else", recorded: "wire", asked: "pay" } },
  ]);
}

function commitOf(context: Context, run: RunRow, { ends }: { ends: boolean }): RunCommit {
  const { picks } = context;
  // What the end closes and waits for was said by an earlier commit.
  const records = ends ? (picks.isLucky(50) ? sampled(context, run, 0) : []) : saying(context, run);
  const first = picks.isLucky(8) ? Math.max(0, run.recorded - Math.max(1, records.length)) : run.recorded;
  return {
    runId: run.id,
    ...holderOf(context, run),
    first,
    foreign: run.foreignOutcomes > 0 && picks.isLucky(20) ? run.foreignOutcomes - 1 : run.foreignOutcomes,
    ttlMs: picks.of(TTLS),
    records,
    ...(ends && { end: endOf(context, run) }),
  };
}

function saying(context: Context, run: RunRow): DriverRecord[] {
  const sayings = Array.from({ length: 1 + context.picks.below(3) }, () => context.picks.of(SAYINGS));
  return sayings.flatMap((say, place) => say(context, run, place));
}

const says: Make = (context) => {
  const run = aRun(context, "RUNNING");
  if (!run) return null;
  const commit = commitOf(context, run, { ends: false });
  const other = runsOf(context, "RUNNING").find(({ id }) => id !== run.id);
  if (!other || !context.picks.isLucky(30)) return callOf("commitRuns", [commit]);
  return callOf("commitRuns", [commit, { runId: other.id, ...holderOf(context, other), first: other.recorded, foreign: other.foreignOutcomes, ttlMs: 60_000, records: sampled(context, other, 9) }]);
};

const ends: Make = (context) => {
  const run = aRun(context, "RUNNING");
  return run ? callOf("commitRuns", [commitOf(context, run, { ends: true })]) : null;
};

/** What a driver says that may not commit any more, or of a run that was cancelled under it. */
const late: Make = (context) => {
  const { picks, model } = context;
  const isAnyStatus = picks.isLucky(30);
  const effect = anEffect(context, ({ status, dispatch }) => dispatch === "INLINE" && (isAnyStatus || status === "PENDING" || status === "UNKNOWN"));
  if (!effect || effect.dispatch !== "INLINE") return null;
  const run = model.runs.get(effect.runId)!;
  const result = { ref: picks.below(2) };
  const owed = effect.compensator !== null && picks.isLucky(50) && { obligation: { id: newIdOf(context, "obl"), compensator: effect.compensator, payload: JSON.stringify({ input: null, result }) } };
  const outcome = picks.of<LateOutcomeInput["outcome"]>([
    { status: "confirmed", result, ...owed },
    { status: "failed", error: picks.isLucky(40) ? { ...ERROR, message: "again" } : ERROR },
    { status: "failed", error: ERROR, reason: "cancelled" },
    { status: "unknown", reason: "it was aborted on its way", checkable: picks.isLucky(50), ...(picks.isLucky(50) && { error: ERROR }) },
  ]);
  return callOf("recordLateOutcome", { runId: run.id, effectId: effect.id, key: effect.key, outcome, ...(picks.isLucky(70) && { lease: holderOf(context, run) }) });
};

export const commitCommands = { says, ends, late };
