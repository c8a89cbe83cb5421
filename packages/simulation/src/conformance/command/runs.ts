import { actors } from "@tape/store/testing";
import type { RunRow } from "../../model/index.ts";
import { callOf } from "../verbs.ts";
import { AGENTS, APP, aRun, holderOf, isDue, isIdle, runsOf, TTLS, WORKERS, type Context, type Make } from "./context.ts";

/** Beyond so many a history is no deeper, only wider. */
const MOST_RUNS = 5;
const REASON = "as the history asks";

function asked({ picks, model }: Context) {
  const agent = picks.isLucky(25) ? "batch" : "pay";
  const parent = picks.isLucky(10) ? picks.maybeOf([...model.runs.keys()]) : undefined;
  return {
    app: APP,
    agent,
    startedBy: picks.of([actors.operator.id, actors.approver.id, "token:nightly"]),
    ...(agent === "batch" && picks.isLucky(50) && { pinVersion: picks.of(["2", "3"]) }),
    ...(picks.isLucky(30) && { invocationId: picks.of(["monday", "tuesday"]) }),
    ...(picks.isLucky(30) && { input: picks.of<unknown>([{ total: 12 }, null, "text"]) }),
    ...(picks.isLucky(20) && { labels: { region: "eu" } }),
    ...(picks.isLucky(20) && { budget: picks.of([{ capMicroUsd: 1_000 }, { capTokens: 50 }, {}]) }),
    ...(parent !== undefined && { parentRunId: parent }),
  };
}

const start: Make = (context) => (context.model.runs.size >= MOST_RUNS ? null : callOf("startRun", { ...asked(context), ...(context.picks.isLucky(20) && { idempotencyKey: "once" }) }));

const startMany: Make = (context) => {
  if (context.model.runs.size >= MOST_RUNS) return null;
  const bad = context.picks.isLucky(20) ? [{ ...asked(context), app: "" }] : [];
  return callOf("startRuns", [asked(context), ...bad, asked(context)]);
};

const claim: Make = (context) => {
  const { picks, model } = context;
  if (isIdle(context, model.runs, ({ status, dueAt }) => status === "RUNNABLE" && isDue(context, dueAt))) return null;
  return callOf("claimRuns", { owner: picks.of(WORKERS), agents: picks.isLucky(15) ? AGENTS.slice(0, 1) : AGENTS, limit: 100, ttlMs: picks.of(TTLS), suspects: !picks.isLucky(20) });
};

const takeOver: Make = (context) => {
  const { picks } = context;
  if (isIdle(context, context.model.runs, ({ status }) => status === "RUNNING")) return null;
  const owner = picks.of(WORKERS);
  const driven = picks.isLucky(50) ? runsOf(context).flatMap((run) => (run.owner === owner ? [run.id] : [])) : [];
  return callOf("takeOverRuns", { owner, agents: AGENTS, limit: 100, ttlMs: picks.of(TTLS), maxRedrives: picks.of([5, 1, 2]), sessionLocks: picks.isLucky(50), driven, suspects: !picks.isLucky(20) });
};

const cancel: Make = (context) => {
  const run = aRun(context, "RUNNABLE", "RUNNING", "WAITING", "STUCK");
  return run ? callOf("cancelRun", { id: run.id, reason: REASON, actor: context.picks.isLucky(5) ? actors.viewer : actors.operator }) : null;
};

const compensate: Make = (context) => {
  const run = aRun(context, "COMPLETED", "FAILED", "CANCELLED");
  return run ? callOf("compensateRun", { id: run.id, reason: REASON, actor: actors.operator }) : null;
};

const redrive: Make = (context) => {
  const run = aRun(context, "WAITING", "STUCK");
  return run ? callOf("redriveRun", { id: run.id, reason: REASON, actor: actors.operator }) : null;
};

const isUnsettled = ({ status, settledAt }: RunRow) => (status === "CANCELLED" || status === "COMPENSATING") && settledAt === null;

const settleAbandoned: Make = (context) => (isIdle(context, context.model.runs, isUnsettled) ? null : callOf("settleAbandonedRuns", { limit: 100, sessionLocks: context.picks.isLucky(50) }));

/** A driver of a cancelled run. */
function leaving(context: Context) {
  const held = runsOf(context).filter((run) => isUnsettled(run) && run.owner !== null);
  const run = context.picks.isLucky(10) ? aRun(context) : context.picks.maybeOf(held);
  return run && { runId: run.id, ...holderOf(context, run) };
}

const settle: Make = (context) => {
  const lease = leaving(context);
  return lease ? callOf("settleRun", lease) : null;
};

const notice: Make = (context) => {
  const lease = leaving(context);
  return lease ? callOf("noticeCancel", lease) : null;
};

const renew: Make = (context) => {
  const owner = context.picks.of(WORKERS);
  const runs = runsOf(context).map(({ id, epoch }) => ({ runId: id, epoch: context.picks.isLucky(10) ? epoch - 1 : epoch }));
  return runs.length > 0 ? callOf("renewLeases", { owner, runs, ttlMs: context.picks.of(TTLS) }) : null;
};

const unpark: Make = (context) => {
  const run = aRun(context, "WAITING");
  return run ? callOf("unparkRun", { runId: run.id, ...holderOf(context, run) }) : null;
};

const look: Make = (context) => {
  const run = aRun(context);
  if (!run) return null;
  switch (context.picks.below(4)) {
    case 0:
      return callOf("getRun", { id: run.id });
    case 1:
      return callOf("readForDriver", { runId: run.id, fromSeq: context.picks.below(run.seq + 1) });
    case 2:
      return callOf("readJournal", { runId: run.id, fromSeq: context.picks.below(run.seq + 1), limit: 1 + context.picks.below(9) });
    default:
      return callOf("compensationPlan", { id: run.id });
  }
};

export const runCommands = { start, startMany, claim, takeOver, cancel, compensate, redrive, settleAbandoned, settle, notice, renew, unpark, look };
