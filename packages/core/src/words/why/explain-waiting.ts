import type { WhyWaiting } from "../../wire/run.ts";
import { sayWorker } from "../actor.ts";
import { capitalized, count, foreign } from "../text.ts";
import { formatClock, formatDay, formatDuration, formatUntil, isoOf, msOf, type Instant } from "../time.ts";
import type { WhyFacts } from "./facts.ts";
import { whyStuck } from "./stuck.ts";
import { whyUndoing } from "./undoing.ts";
import { whyParked } from "./waits.ts";
import { sayEffect } from "./say.ts";

/**
 * Why a run that is not ended is where it is, what needs a person first. Empty for a run that has ended and settled.
 * Pure: everything comes in as `facts`, and times are by `facts.now`.
 */
export function explainWaiting(facts: WhyFacts): WhyWaiting[] {
  switch (facts.status) {
    case "RUNNABLE":
      return whyQueued(facts);
    case "RUNNING":
      return whyRunning(facts);
    case "WAITING": {
      const whys = whyParked(facts);
      return whys.length > 0 ? whys : whyQueued(facts);
    }
    case "COMPENSATING":
      return [...whyUndoing(facts), ...silence(facts)];
    case "STUCK":
      return [whyStuck(facts)];
    case "CANCELLED":
      return facts.settledAt === null ? whyCancelling(facts) : [];
    case "COMPLETED":
    case "FAILED":
    case "COMPENSATED":
      return [];
  }
}

function whyQueued(facts: WhyFacts): WhyWaiting[] {
  const { dueAt, now } = facts;
  const missing = whyNoWorker(facts);
  if (dueAt !== null && msOf(dueAt) > msOf(now)) {
    const backoff: WhyWaiting = { code: "backoff", sentence: `Backs off until ${formatUntil(dueAt, now)}`, until: isoOf(dueAt) };
    return missing === null ? [backoff] : [backoff, missing];
  }
  if (missing !== null) return [missing];
  return [{ code: "queued", sentence: `Queued for the next free worker; ${count(facts.workersForAgent, "worker")} can drive ${foreign(facts.agent, 60)}` }];
}

function whyNoWorker({ agent, pinned, workersForAgent }: WhyFacts): WhyWaiting | null {
  const name = foreign(agent, 60);
  if (workersForAgent === 0) return { code: "no_worker", sentence: `No live worker has the agent ${name}: start one with it in tape.config.ts` };
  if (pinned === null || pinned.workers > 0) return null;
  const others = `${count(workersForAgent, "worker")} ${workersForAgent === 1 ? "has" : "have"} another version`;
  return { code: "no_worker_version", sentence: `No live worker has version ${foreign(pinned.version, 24)} of ${name}, which the run is pinned to; ${others}` };
}

function whyRunning(facts: WhyFacts): WhyWaiting[] {
  const lost = silence(facts);
  if (lost.length > 0) return lost;
  const atWork = facts.effects.find((effect) => effect.status === "PENDING");
  const owner = facts.lease?.owner ?? null;
  const who = owner === null ? "a worker" : sayWorker(owner);
  const sentence = atWork === undefined ? `Driven by ${who}` : `${capitalized(who)} is at it: ${sayEffect(atWork)}`;
  return [{ code: "running", sentence, ref: owner }];
}

/** A lease whose owner is taken for dead, and whether anyone is there to take over. */
function silence(facts: WhyFacts): WhyWaiting[] {
  const { lease, now } = facts;
  if (lease === null) return [];
  const since = lease.silentSince ?? (msOf(lease.expiresAt) < msOf(now) ? lease.expiresAt : null);
  if (since === null) return [];
  const missing = whyNoWorker(facts);
  const ago = formatDuration(Math.max(0, msOf(now) - msOf(since)));
  const next = missing === null ? "; another worker takes over" : "";
  const what = lease.silentSince === null ? "lost its lease" : "fell silent";
  const sentence = `${capitalized(sayWorker(lease.owner))} ${what} ${ago} ago${next}`;
  const lost: WhyWaiting = { code: "lease_lost", sentence, ref: lease.owner };
  return missing === null ? [lost] : [lost, missing];
}

function whyCancelling(facts: WhyFacts): WhyWaiting[] {
  const { lease } = facts;
  if (lease === null) return [{ code: "cancelling", sentence: "Cancelled; waits for its last worker to be settled" }];
  const lost = silence(facts).filter((why) => why.code === "lease_lost");
  if (lost.length > 0) return [{ code: "cancelling", sentence: `Cancelled; ${sayWorker(lease.owner)} is gone, recovery settles it`, ref: lease.owner }];
  return [{ code: "cancelling", sentence: `Cancelled; ${sayWorker(lease.owner)} ${whatItStillDoes(facts)}`, ref: lease.owner }];
}

/** Cancelling is cooperative: a tool that does not listen to its signal runs on until it returns. */
function whatItStillDoes({ effects, now }: WhyFacts): string {
  const running = effects.filter((effect) => effect.status === "PENDING").toSorted((a, b) => msOf(a.createdAt) - msOf(b.createdAt));
  const [oldest, ...others] = running;
  if (oldest === undefined) return "stops at its next model or tool call";
  const since = `since ${formatSince(oldest.createdAt, now)}`;
  if (others.length > 0) return `still runs ${foreign(oldest.tool, 60)} ${since} and ${count(others.length, "more call")}; it ends when they return`;
  return `still runs ${foreign(oldest.tool, 60)} ${since}; it ends when the tool returns`;
}

/** To the second on the same day: a person waits for it. */
function formatSince(at: Instant, now: Instant): string {
  return formatDay(at) === formatDay(now) ? formatClock(at) : formatUntil(at, now);
}
