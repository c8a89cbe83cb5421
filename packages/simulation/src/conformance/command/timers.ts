import { actors } from "@tape/store/testing";
import { callOf } from "../verbs.ts";
import { APP, aRun, aTimer, claimOf, isDue, isIdle, WORKERS, type Context, type Make } from "./context.ts";

const KINDS = ["redrive", "remind", "reconcile"];
const handled = KINDS.map((kind) => ({ app: APP, kind }));

const set: Make = (context) => {
  const { picks, model } = context;
  const run = aRun(context, "RUNNABLE", "RUNNING", "WAITING");
  if (!run) return null;
  const person = picks.isLucky(30) ? actors.operator : undefined;
  return callOf("setTimer", {
    runId: run.id,
    id: picks.of(["first", "second", "gate_of_somebody"].slice(0, picks.isLucky(5) ? 3 : 2)),
    kind: picks.isLucky(4) ? "wake" : picks.of(KINDS),
    by: "run:tested",
    ...(picks.isLucky(20) ? { fireAt: new Date(model.now + picks.of([0, -5, 1_000])).toISOString() } : { inMs: picks.of([0, 1_000, 30_000]) }),
    ...(picks.isLucky(40) && { payload: picks.of<unknown>([{ reason: "soft deadline" }, [1], "x"]) }),
    ...(person && { actor: person }),
  });
};

const cancel: Make = (context) => {
  const timer = aTimer(context, ({ status, kind }) => status === "ARMED" && KINDS.includes(kind));
  if (!timer) return null;
  return callOf("cancelTimer", { runId: timer.runId, id: context.picks.isLucky(5) ? "unknown" : timer.id, by: "run:tested", ...(context.picks.isLucky(30) && { actor: actors.operator }) });
};

const look: Make = (context) => {
  const timer = aTimer(context, () => true);
  return timer ? callOf("getTimer", { runId: timer.runId, id: timer.id }) : null;
};

const claim: Make = (context) => {
  const { picks, model } = context;
  if (isIdle(context, model.timers, ({ status, kind, fireAt }) => status === "ARMED" && KINDS.includes(kind) && isDue(context, fireAt))) return null;
  return callOf("claimTimers", { owner: picks.of(WORKERS), kinds: picks.isLucky(15) ? handled.slice(0, 1) : handled, limit: picks.of([100, 1]) });
};

/** A report on one that is claimed, or was. */
function reportOf(context: Context) {
  const timer = aTimer(context, (one) => one.claim !== null && one.status === "ARMED");
  return timer && { runId: timer.runId, id: timer.id, claim: claimOf(context, timer.claim) };
}

const handledOne: Make = (context) => {
  const report = reportOf(context);
  return report ? callOf("timerHandled", report) : null;
};

const handledAll: Make = ({ model, picks }) => {
  const reports = [...model.timers.values()].flatMap(({ runId, id, claim: own }) => (own === null ? [] : [{ runId, id, claim: own }]));
  return reports.length === 0 ? null : callOf("timersHandled", picks.isLucky(10) ? [...reports, { ...reports[0]!, claim: "wrk_other/rec_0" }] : reports);
};

const failed: Make = (context) => {
  const report = reportOf(context);
  return report ? callOf("timerFailed", { ...report, error: "the handler threw" }) : null;
};

const fire: Make = (context) => {
  const { picks, model } = context;
  if (isIdle(context, model.timers, ({ status, kind, fireAt }) => status === "ARMED" && !KINDS.includes(kind) && isDue(context, fireAt))) return null;
  return callOf("fireDueTimers", picks.isLucky(20) ? { limit: 1 + picks.below(2) } : {});
};

const next: Make = ({ picks }) => callOf("nextTimerAt", picks.of([{}, { kinds: KINDS }, { kinds: KINDS, apps: [APP] }, { apps: ["other"] }]));

export const timerCommands = { set, cancel, look, claim, handledOne, handledAll, failed, fire, next };
