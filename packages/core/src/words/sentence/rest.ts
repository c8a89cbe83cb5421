import type { EntryOf } from "../../entry/index.ts";
import { sayActor } from "../actor.ts";
import { figuresOf } from "../figures.ts";
import { formatMicroUsd } from "../money.ts";
import { count, foreign, quoted } from "../text.ts";
import { formatInstant } from "../time.ts";

/** Every verb of `signal.*` as a sentence. */
export function signalSentence(entry: EntryOf<"signal">): string {
  const name = quoted(entry.payload.name, 60);
  switch (entry.verb) {
    case "awaited":
      return `Waits for signal ${name}${entry.payload.deadlineAt === null ? "" : ` until ${formatInstant(entry.payload.deadlineAt)}`}`;
    case "received": {
      const figures = figuresOf(entry.payload.payload);
      return `Signal ${name} from ${sayActor(entry.payload.by)}${figures === "" ? "" : `: ${figures}`}`;
    }
    case "delivered":
      return `Signal ${name} reached the agent`;
    case "timed_out":
      return `No signal ${name} came in time`;
    case "timeout_delivered":
      return `The agent learned that no signal ${name} came`;
    case "sent":
      return `Sent signal ${name} to another run`;
  }
}

/** Every verb of `timer.*` as a sentence. */
export function timerSentence(entry: EntryOf<"timer">): string {
  switch (entry.verb) {
    case "armed":
      return entry.payload.kind === "wake"
        ? `Sleeps until ${formatInstant(entry.payload.fireAt)}`
        : `${sayTimer(entry.payload.kind)} set for ${formatInstant(entry.payload.fireAt)}${byWhom(entry.payload.by)}`;
    case "fired":
      if (entry.payload.lastError !== undefined) return `${sayTimer(entry.payload.kind)}: given up after ${foreign(entry.payload.lastError, 160)}`;
      return entry.payload.kind === "wake" ? "Woke up" : `${sayTimer(entry.payload.kind)} fired`;
    case "attempt_failed": {
      const { attempt, error, nextAttemptAt } = entry.payload;
      return `${sayTimer(entry.payload.kind)}: attempt ${attempt} failed: ${foreign(error, 160)}; tried again at ${formatInstant(nextAttemptAt)}`;
    }
    case "cancelled":
      return `${sayTimer(entry.payload.kind)} cancelled${byWhom(entry.payload.by)}`;
    case "delivered":
      return "The finished sleep reached the agent";
  }
}

/** ` by olga@acme.example`, or nothing where the code or the run's end did it. */
export function byWhom(actor: string | undefined): string {
  return actor === undefined ? "" : ` by ${sayActor(actor)}`;
}

/** A timer's kind in words: `wake` is a sleep. */
export function sayTimer(kind: string): string {
  switch (kind) {
    case "wake":
      return "Sleep";
    case "gate_timeout":
      return "Deadline of a gate";
    case "signal_timeout":
      return "Deadline of a signal";
    case "redrive":
      return "Timed re-drive";
    case "reconcile":
      return "Timed reconciliation";
    default:
      return `Timer ${foreign(kind, 60)}`;
  }
}

/** Every verb of `value.*` as a sentence. */
export function valueSentence(entry: EntryOf<"value">): string {
  const { namespace, valueKey, version } = entry.payload;
  const where = `${foreign(valueKey, 60)} ${namespace === `runs/${entry.runId}` ? "of this run" : `in ${foreign(namespace, 60)}`}`;
  switch (entry.verb) {
    case "written":
      return `Wrote ${where}, version ${version}`;
    case "deleted":
      return `Deleted ${where}, version ${version}`;
    case "read":
      return version === null ? `Read ${where}: not there` : `Read ${where}, version ${version}`;
  }
}

/** Every verb of `budget.*` as a sentence. */
export function budgetSentence(entry: EntryOf<"budget">): string {
  switch (entry.verb) {
    case "reserved":
      return `Set aside ${amounts(entry.payload)}`;
    case "settled":
      return `Spent ${amounts(entry.payload)}`;
    case "exceeded": {
      const { asked, cap, spent } = entry.payload;
      const more = asked !== undefined && asked.microUsd + asked.tokens > 0 ? `, and ${amounts(asked)} more were asked for` : "";
      return `Over budget: ${amounts(spent)} of ${sayCap(cap)}${more}`;
    }
    case "raised": {
      const { added, by, cap } = entry.payload;
      const isMore = added.microUsd + added.tokens > 0;
      return isMore ? `Budget raised to ${sayCap(cap)}${byWhom(by)}` : `One call over the budget of ${sayCap(cap)} let through${byWhom(by)}`;
    }
  }
}

function sayCap({ microUsd, tokens }: { microUsd?: number | undefined; tokens?: number | undefined }): string {
  const caps = [tokens === undefined ? "" : count(tokens, "token"), microUsd === undefined ? "" : formatMicroUsd(microUsd)].filter(Boolean);
  return caps.join(", ") || "the cap";
}

function amounts({ microUsd, tokens }: { microUsd: number; tokens: number }): string {
  return `${count(tokens, "token")}, ${formatMicroUsd(microUsd)}`;
}
