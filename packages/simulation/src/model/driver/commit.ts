import type { Happening } from "@tape/core";
import type * as store from "@tape/store";
import { isProgress, type RunCommit, type RunCommitOutcome, type RunEnd } from "@tape/store";
import { write } from "../append.ts";
import { plainJson, type Model, type RunRow } from "../model.ts";
import type { VerbOf } from "../verb.ts";
import { charge } from "./records/budget.ts";
import { sayRecord } from "./records/record.ts";

/**
 * Commits what drivers have to say, each run by itself: who may not write is refused, and whoever says again what stands
 * is answered as it was. Everything of one commit happens at one instant, and nobody sees half of it. No two are of one
 * run. What others are told afterwards, the `Committer` says.
 */
export const commitRuns: VerbOf<typeof store.commitRuns> = (model, commits) => commits.map((commit) => commitRun(model, commit));

function commitRun(model: Model, commit: RunCommit): RunCommitOutcome {
  const run = model.runs.get(commit.runId);
  if (!run) return lost("it no longer exists");
  if (run.epoch !== commit.epoch) return lost(`it was taken over: its epoch is ${run.epoch}`);
  // The acknowledgement was lost: it stands, whatever has come since (D20).
  if (wasSaid(run, commit)) return { ...standing(model, run), ended: commit.end !== undefined && run.owner !== commit.owner };

  const refused = refusalOf(run, commit);
  if (refused) return refused;
  say(model, run, commit);
  const ended = commit.end !== undefined && hasSeenAll(run, commit.end);
  if (ended) end(model, run, commit.end!);
  else renew(model, run, commit.ttlMs);
  return { ...standing(model, run), ended };
}

/** Each lease counts what it has recorded: past the place where this one begins, it was taken before. */
function wasSaid(run: RunRow, { first, records, end: leaving }: RunCommit): boolean {
  const saysSomething = records.length > 0 || leaving !== undefined;
  return saysSomething && run.recorded >= first + Math.max(1, records.length);
}

/** Why this driver may not write; null when it may. */
function refusalOf(run: RunRow, { owner, first, foreign, records }: RunCommit): RunCommitOutcome | null {
  const isHeld = run.owner === owner;
  // Cancelled, and perhaps its compensation asked for since: its driver drains and leaves.
  if (run.status === "CANCELLED" || (run.status === "COMPENSATING" && isHeld)) return { ok: false, refused: "cancelled", reason: run.cancelReason ?? "cancelled" };
  if (run.status !== "RUNNING" || !isHeld) return lost(`it is ${run.status} and no longer driven under this lease`);
  if (run.recorded !== first) return lost(`it has ${run.recorded} records of this lease, its driver thought ${first}`);
  // Of effects, only who has seen what others settled may say how they ended.
  if (records.some(({ happening }) => isOutcome(happening)) && foreign !== run.foreignOutcomes) {
    return { ok: false, refused: "settled_elsewhere", reason: "an effect was settled by somebody else" };
  }
  return null;
}

function isOutcome({ kind, verb }: Happening): boolean {
  return kind === "effect" && (verb === "confirmed" || verb === "failed" || verb === "unknown");
}

function lost(reason: string): RunCommitOutcome {
  return { ok: false, refused: "lease_lost", reason };
}

/** Records, with the rows that change by them and what they cost. */
function say(model: Model, run: RunRow, { records }: RunCommit): void {
  for (const record of records) sayRecord(model, run, record);
  charge(run, records);
  if (records.some(({ happening }) => isProgress(happening))) run.losses = -1;
}

/** Whoever parks or ends a run has seen everything that arrived (D33); `null` ends it whatever arrived. */
function hasSeenAll(run: RunRow, { inbox }: RunEnd): boolean {
  return inbox === null || inbox === run.inbox;
}

/** The driver leaves: what closes with the run, its last word, and where it is from here on. */
function end(model: Model, run: RunRow, leaving: RunEnd): void {
  for (const record of leaving.closing) sayRecord(model, run, record);
  write(model, run, [lastWordOf(leaving)]);
  run.recorded += 1;
  run.status = leaving.to;
  run.owner = run.leaseExpiresAt = null;
  run.dueAt = model.now + (leaving.to === "RUNNABLE" ? leaving.inMs : 0);
  if (leaving.to === "WAITING") run.waits = plainJson(leaving.waits);
  if (leaving.to === "STUCK") run.stuck = plainJson(leaving.reason);
  if (leaving.to === "COMPLETED" || leaving.to === "FAILED") {
    run.outcomeSeq = run.seq;
    run.endedAt = run.settledAt = model.now;
  }
}

function lastWordOf(leaving: RunEnd): Happening {
  switch (leaving.to) {
    case "WAITING":
      return { kind: "run", verb: "parked", payload: { waits: leaving.waits } };
    case "COMPLETED":
      return { kind: "run", verb: "completed", payload: { output: leaving.output } };
    case "FAILED":
      return { kind: "run", verb: "failed", payload: { error: leaving.error } };
    case "STUCK":
      return { kind: "run", verb: "stuck", payload: { reason: leaving.reason } };
    case "RUNNABLE":
      return { kind: "run", verb: "released", payload: { reason: leaving.reason, dueAt: null } };
  }
}

/** Once a third of the lease is gone, a commit is as good as a heartbeat. */
function renew(model: Model, run: RunRow, ttlMs: number): void {
  if (run.leaseExpiresAt! < model.now + (ttlMs * 667) / 1000) run.leaseExpiresAt = model.now + ttlMs;
}

function standing(model: Model, { seq, inbox, foreignOutcomes: foreign, recorded }: RunRow): Omit<Extract<RunCommitOutcome, { ok: true }>, "ended"> {
  return { ok: true, seq, inbox, foreign, recorded, at: model.now };
}
