import type { EntryOf } from "../../entry/index.ts";
import { sayActor } from "../actor.ts";
import { foreign, quoted, toolSentence } from "../text.ts";
import { formatInstant } from "../time.ts";
import { sayError } from "./error.ts";

/** Every verb of `obligation.*` as a sentence. */
export function obligationSentence(entry: EntryOf<"obligation">): string {
  switch (entry.verb) {
    case "registered": {
      const { reason } = entry.payload;
      const how = sayCompensation(entry.payload);
      if (reason === "duplicate") return `An extra copy has to be undone: ${how}`;
      return reason === "conflict" ? `Registered because of a contradicting outcome: ${how}` : `Can be undone: ${how}`;
    }
    case "armed":
      return "Undoing";
    case "compensated": {
      const { by, reason } = entry.payload;
      return reason === undefined ? `Undone by ${sayActor(by)}` : `Marked as undone by ${sayActor(by)}: ${quoted(reason, 120)}`;
    }
    case "attempt_failed": {
      const { attempt, error, nextAttemptAt } = entry.payload;
      return `Undoing failed, attempt ${attempt}: ${sayError(error)}; tried again at ${formatInstant(nextAttemptAt)}`;
    }
    case "stuck":
      return `Undoing gave up: ${sayError(entry.payload.error)}`;
    case "retried":
      return `${sayActor(entry.payload.by)} had it tried again: ${quoted(entry.payload.reason, 120)}`;
    case "waived":
      return `Waived by ${sayActor(entry.payload.by)}: ${quoted(entry.payload.reason, 120)}`;
  }
}

/** The compensator's own words, or its name. */
export function sayCompensation(registered: Pick<EntryOf<"obligation", "registered">["payload"], "compensator" | "summary">): string {
  return registered.summary === undefined ? foreign(registered.compensator, 60) : toolSentence(registered.summary);
}
