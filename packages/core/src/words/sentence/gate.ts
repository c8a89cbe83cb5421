import type { EntryOf } from "../../entry/index.ts";
import { sayActor, sayAssignees } from "../actor.ts";
import { figuresOf } from "../figures.ts";
import { foreign, quoted, toolSentence } from "../text.ts";
import { formatInstant } from "../time.ts";

/** Every verb of `gate.*` as a sentence. */
export function gateSentence(entry: EntryOf<"gate">): string {
  switch (entry.verb) {
    case "opened":
      return `Asks ${sayAssignees(entry.payload.assignees)}: ${sayQuestion(entry.payload)}`;
    case "voted":
      return `${sayActor(entry.payload.by)} voted to ${entry.payload.outcome === "approved" ? "approve" : "reject"}${comment(entry.payload.comment)}`;
    case "decided": {
      const { decidedBy, outcome } = entry.payload;
      return `${foreign(entry.payload.name, 60)} ${outcome.replace("_", " ")} by ${sayActor(decidedBy)}${comment(entry.payload.comment)}`;
    }
    case "timed_out":
      return `Nobody decided ${foreign(entry.payload.name, 60)} in time`;
    case "cancelled":
      return entry.payload.reason === "payload_changed"
        ? `${foreign(entry.payload.name, 60)} withdrawn, because what it asks has changed`
        : `${foreign(entry.payload.name, 60)} withdrawn, because the run ended`;
    case "extended":
      return `${sayActor(entry.payload.by)} extended ${foreign(entry.payload.name, 60)} until ${formatInstant(entry.payload.deadlineAt)}${comment(entry.payload.reason ?? null)}`;
    case "delivered":
      return `The decision on ${foreign(entry.payload.name, 60)} reached the agent`;
  }
}

/** What a gate asks: its title, or its name with the figures of its payload. */
export function sayQuestion(opened: Pick<EntryOf<"gate", "opened">["payload"], "name" | "payload" | "display">): string {
  if (opened.display !== null) return toolSentence(opened.display.title);
  const figures = figuresOf(opened.payload);
  return figures === "" ? foreign(opened.name, 60) : `${foreign(opened.name, 60)}, ${figures}`;
}

function comment(text: string | null): string {
  return text === null || text.trim() === "" ? "" : `: ${quoted(text, 160)}`;
}
