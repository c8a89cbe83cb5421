import type { ReversalOutcome } from "@tape/store";
import { actors } from "@tape/store/testing";
import { callOf } from "../verbs.ts";
import { anObligation, aRun, COMPENSATORS, holderOf, isDue, isIdle, runsOf, TTLS, WORKERS, type Context, type Make } from "./context.ts";

const ERROR = { name: "BankClosed", message: "closed until Monday" };

const claim: Make = (context) => {
  const { picks } = context;
  if (isIdle(context, context.model.runs, ({ status, settledAt }) => status === "COMPENSATING" && settledAt !== null)) return null;
  const owner = picks.of(WORKERS);
  const driven = picks.isLucky(50) ? runsOf(context).flatMap((run) => (run.owner === owner ? [run.id] : [])) : [];
  return callOf("claimWalks", { owner, compensators: picks.isLucky(20) ? COMPENSATORS.slice(0, 1) : COMPENSATORS, limit: 100, ttlMs: picks.of(TTLS), sessionLocks: picks.isLucky(50), driven });
};

const next: Make = (context) => {
  const run = aRun(context, "COMPENSATING");
  if (!run) return null;
  return callOf("nextReversal", { runId: run.id, ...holderOf(context, run), compensators: context.picks.isLucky(10) ? [] : ["unwire", "unpay"] });
};

function outcome({ picks }: Context): ReversalOutcome {
  return picks.of<ReversalOutcome>([
    { status: "compensated" },
    { status: "failed", error: ERROR },
    { status: "failed", error: ERROR, isFinal: true },
    { status: "compensated", result: { back: 1 }, durationMs: 5 },
  ]);
}

const record: Make = (context) => {
  const { model } = context;
  const owed = anObligation(context, ({ status, reason, runId }) => status === "PENDING" && reason !== "duplicate" && model.runs.get(runId)!.owner !== null);
  if (!owed) return null;
  const run = model.runs.get(owed.runId)!;
  return callOf("recordReversal", { runId: run.id, ...holderOf(context, run), obligationId: owed.id, attempt: attemptOf(context, owed), outcome: outcome(context) });
};

/** The next one, or the last once more. */
function attemptOf({ picks }: Context, { attempts }: { attempts: number }): number {
  return picks.isLucky(12) ? Math.max(1, attempts) : attempts + 1;
}

const release: Make = (context) => {
  const run = aRun(context, "COMPENSATING");
  return run ? callOf("releaseWalk", { runId: run.id, ...holderOf(context, run) }) : null;
};

const claimCopies: Make = (context) =>
  isIdle(context, context.model.obligations, ({ status, nextAttemptAt }) => status === "PENDING" && isDue(context, nextAttemptAt))
    ? null
    : callOf("claimDuplicates", { ...{ owner: context.picks.of(WORKERS) }, compensators: context.picks.isLucky(20) ? COMPENSATORS.slice(0, 1) : COMPENSATORS, limit: 100 });

const recordCopy: Make = (context) => {
  const { picks } = context;
  const copy = anObligation(context, ({ status, reason }) => status === "PENDING" && reason === "duplicate");
  if (!copy) return null;
  const claimed = copy.claim === null || picks.isLucky(8) ? "wrk_1/rec" : copy.claim;
  if (picks.isLucky(8)) return callOf("releaseDuplicate", { obligationId: copy.id, claim: claimed });
  return callOf("recordDuplicate", { obligationId: copy.id, claim: claimed, attempt: attemptOf(context, copy), owner: picks.of(WORKERS), outcome: outcome(context) });
};

const resolve: Make = (context) => {
  const owed = anObligation(context, ({ status }) => status === "STUCK" || status === "PENDING");
  if (!owed) return null;
  return callOf("resolveObligation", { id: owed.id, outcome: context.picks.of(["retry", "done", "waived"] as const), reason: "a person says so", actor: context.picks.isLucky(5) ? actors.viewer : actors.operator });
};

export const walkCommands = { claim, next, record, release, claimCopies, recordCopy, resolve };
