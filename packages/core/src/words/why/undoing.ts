import type { WhyWaiting } from "../../wire/run.ts";
import { foreign } from "../text.ts";
import { formatClock, isoOf, msOf } from "../time.ts";
import type { WhyFacts } from "./facts.ts";
import { sayObligation } from "./say.ts";
import { whyEffect } from "./waits.ts";

/** Where the walk of a COMPENSATING run is: held up by an unsettled effect, undoing one thing, or about to go on. */
export function whyUndoing(facts: WhyFacts): WhyWaiting[] {
  const open = facts.effects.filter((effect) => effect.status === "PENDING" || effect.status === "UNKNOWN");
  if (open.length > 0) return [{ code: "compensating", sentence: "Compensation begins once every outcome is known" }, ...open.map((effect) => whyEffect(effect, facts))];
  // Newest first, as the walk goes.
  const current = facts.obligations.find(({ status }) => status === "PENDING" || status === "REGISTERED");
  if (current === undefined) return [{ code: "compensating", sentence: "Undoing what was done, newest first" }];
  const what = sayObligation(current);
  const { lastError, nextAttemptAt } = current;
  if (!current.hasWorker) {
    return [{ code: "no_compensator", sentence: `No live worker has the compensator ${foreign(current.kind, 60)}: start one whose tape.config.ts loads it. To undo next: ${what}`, ref: current.id }];
  }
  if (lastError === null || nextAttemptAt === null || msOf(nextAttemptAt) <= msOf(facts.now)) {
    return [{ code: "compensating", sentence: `Undoing: ${what}`, ref: current.id }];
  }
  const why = `attempt ${current.attempts} failed (${foreign(lastError, 120)}), next at ${formatClock(nextAttemptAt)}`;
  return [{ code: "compensating", sentence: `Undoing: ${what}; ${why}`, until: isoOf(nextAttemptAt), ref: current.id }];
}
