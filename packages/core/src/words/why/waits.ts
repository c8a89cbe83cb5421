import type { Wait } from "../../entry/run.ts";
import type { WhyWaiting } from "../../wire/run.ts";
import { sayAssignees } from "../actor.ts";
import { foreign, quoted, toolSentence } from "../text.ts";
import { formatClock, formatUntil, isoOf, msOf } from "../time.ts";
import type { EffectFacts, GateFacts, WhyFacts } from "./facts.ts";
import { sayEffect } from "./say.ts";

const FIRST: readonly WhyWaiting["code"][] = ["effect_needs_person", "no_connector", "gate", "effect_unsettled", "signal", "backoff", "sleep"];

/** What a parked run waits for, the most urgent for people first. What has arrived by now is passed over. */
export function whyParked(facts: WhyFacts): WhyWaiting[] {
  const whys = facts.waits.map((wait) => whyWait(wait, facts)).filter((why) => why !== null);
  return whys.sort((a, b) => FIRST.indexOf(a.code) - FIRST.indexOf(b.code));
}

function whyWait(wait: Wait, facts: WhyFacts): WhyWaiting | null {
  switch (wait.on) {
    case "gate": {
      const gate = facts.gates.find(({ id }) => id === wait.gateId);
      if (gate === undefined) return { code: "gate", sentence: `Waits for a decision on ${foreign(wait.name, 60)}`, ref: wait.gateId };
      return gate.status === "OPEN" ? whyGate(gate, facts) : null;
    }
    case "effect": {
      const effect = facts.effects.find(({ id }) => id === wait.effectId);
      if (effect === undefined) return { code: "effect_unsettled", sentence: `Waits for the outcome of ${foreign(wait.tool, 60)}`, ref: wait.effectId };
      return effect.status === "PENDING" || effect.status === "UNKNOWN" ? whyEffect(effect, facts) : null;
    }
    case "signal":
      return { code: "signal", sentence: `Waits for signal ${quoted(wait.name, 60)}` };
    case "sleep":
      if (wait.retries) {
        const { effectId, tool } = wait.retries;
        const sentence = `The last try of ${foreign(tool, 60)} failed: tries again at ${formatUntil(wait.until, facts.now)}`;
        return { code: "backoff", sentence, until: wait.until, ref: effectId };
      }
      return { code: "sleep", sentence: `Sleeps until ${formatUntil(wait.until, facts.now)}`, until: wait.until, ref: wait.timerId };
  }
}

function whyGate(gate: GateFacts, { now }: WhyFacts): WhyWaiting {
  const what = gate.title === null ? foreign(gate.name, 60) : `${foreign(gate.name, 60)}, ${quoted(toolSentence(gate.title), 120)}`;
  const votes = gate.quorum > 1 ? ` (${gate.approvals} of ${gate.quorum} approvals)` : "";
  const until = gate.deadlineAt === null ? "" : ` until ${formatUntil(gate.deadlineAt, now)}`;
  const sentence = `Waits for ${sayAssignees(gate.assignees)} to decide ${what}${votes}${until}`;
  return { code: "gate", sentence, until: gate.deadlineAt === null ? null : isoOf(gate.deadlineAt), ref: gate.id };
}

/** An effect that is not settled: being sent, being asked after, or for a person to settle. */
export function whyEffect(effect: EffectFacts, facts: WhyFacts): WhyWaiting {
  const what = sayEffect(effect);
  if (effect.status === "PENDING") return whyUnsent(effect, facts) ?? { code: "effect_unsettled", sentence: `Waits until it is sent and answered: ${what}`, ref: effect.id };
  if (effect.needsPerson) {
    return { code: "effect_needs_person", sentence: `Nobody but a person can tell whether this happened: ${what}`, ref: effect.id };
  }
  const { nextCheckAt } = effect;
  const next = nextCheckAt === null ? "the counterparty is being asked" : `the counterparty is asked at ${formatClock(nextCheckAt)}`;
  const until = nextCheckAt === null ? null : isoOf(nextCheckAt);
  return { code: "effect_unsettled", sentence: `No acknowledgement yet, ${next}: ${what}`, until, ref: effect.id };
}

/** Nobody can send it, or its sending failed; null for one that is on its way. */
function whyUnsent(effect: EffectFacts, { now }: WhyFacts): WhyWaiting | null {
  const { sending, id } = effect;
  if (sending === null || sending.isInFlight) return null;
  const what = sayEffect(effect);
  const { connector, attempt, lastError, nextAttemptAt, hasWorker } = sending;
  if (!hasWorker) return { code: "no_connector", sentence: `No live worker has the connector ${foreign(connector, 60)}: start one whose tape.config.ts loads it. To send: ${what}`, ref: id };
  if (lastError === null) return null;
  const isDue = msOf(nextAttemptAt) <= msOf(now);
  const next = isDue ? "the next is due" : `next at ${formatClock(nextAttemptAt)}`;
  const until = isDue ? null : isoOf(nextAttemptAt);
  const why = foreign(lastError, 120);
  if (effect.needsPerson) return { code: "effect_needs_person", sentence: `It could not be sent ${attempt - 1} times (${why}), ${next}, unless a person settles it: ${what}`, until, ref: id };
  return { code: "effect_unsettled", sentence: `Attempt ${attempt - 1} to send it failed (${why}), ${next}: ${what}`, until, ref: id };
}
