import type { EntryOf } from "../../entry/index.ts";
import type { SettledBy } from "../../entry/effect.ts";
import { sayActor } from "../actor.ts";
import { figuresOf } from "../figures.ts";
import { foreign, quoted, toolSentence } from "../text.ts";
import { formatDuration, formatInstant } from "../time.ts";
import { sayError } from "./error.ts";

/** Every verb of `effect.*` as a sentence. */
export function effectSentence(entry: EntryOf<"effect">): string {
  switch (entry.verb) {
    case "intended":
      return sayIntent(entry.payload);
    case "attempt_failed": {
      const { attempt, error, retryInMs } = entry.payload;
      return `Attempt ${attempt} failed: ${sayError(error)}; tried again after ${formatDuration(retryInMs)}`;
    }
    case "resumed":
      return `Found unfinished and done again under the same key (attempt ${entry.payload.attempt})`;
    case "confirmed": {
      const { notStorable, summary } = entry.payload;
      const said = summary === undefined ? saidResult(entry.payload.result) : toolSentence(summary);
      const lost = notStorable === undefined ? "" : `; the result could not be stored: ${foreign(notStorable, 120)}`;
      return `${said}${settledHow(entry.payload)}${lost}`;
    }
    case "failed":
      return `Failed${settledHow(entry.payload)}: ${sayError(entry.payload.error)}`;
    case "unknown":
      return `No acknowledgement, it may have happened: ${foreign(entry.payload.reason, 160)}`;
    case "retried":
      return `Sent again${settledHow(entry.payload)}`;
    case "observed":
      return sayObservation(entry.payload);
    case "delivered":
      return "The outcome reached the agent";
    case "conflict": {
      const { outcome, standing } = entry.payload;
      return `A late outcome says ${outcome}, which contradicts ${foreign(standing, 60)}; the recorded one stands`;
    }
    case "late_failure":
      return `A worker that had lost its lease reported a failure: ${sayError(entry.payload.error)}; it changes nothing`;
    case "in_flight":
      return "Sent, waiting for the acknowledgement";
  }
}

/** The tool's own words, or its name with the figures of the request: `wire: 12,400.00 EUR to Acme GmbH`. */
export function sayIntent(intended: Pick<EntryOf<"effect", "intended">["payload"], "tool" | "request" | "summary">): string {
  if (intended.summary !== undefined) return toolSentence(intended.summary);
  const figures = figuresOf(intended.request);
  return figures === "" ? foreign(intended.tool, 60) : `${foreign(intended.tool, 60)}: ${figures}`;
}

function saidResult(result: unknown): string {
  const figures = figuresOf(result);
  return figures === "" ? "Done" : `Done: ${figures}`;
}

const BY: Readonly<Record<SettledBy, string>> = {
  driver: "",
  late: ", reported late by the worker that did it",
  reconciler: ", found by asking the counterparty",
  outbox: "",
  person: ", on a person's word",
};

/** How an effect was settled, when not by the drive that did it: `, on the word of ann@acme.com (“called the bank”)`. */
export function settledHow(settlement: { by: SettledBy; actor?: string; reason?: string }): string {
  if (settlement.by !== "person") return BY[settlement.by];
  const who = settlement.actor === undefined ? BY.person : `, on the word of ${sayActor(settlement.actor)}`;
  return settlement.reason === undefined ? who : `${who} (${quoted(settlement.reason, 120)})`;
}

function sayObservation(observed: EntryOf<"effect", "observed">["payload"]): string {
  const { message, nextCheckAt, observation } = observed;
  const said = {
    confirmed: "The counterparty has it",
    failed: "The counterparty refused it",
    absent: "The counterparty has never seen it",
    duplicate: "The counterparty has it more than once",
    inconclusive: "The counterparty could not say",
  }[observation];
  const next = nextCheckAt === null ? "" : `; asked again at ${formatInstant(nextCheckAt)}`;
  return `${said}${message === undefined ? "" : ` (${foreign(message, 120)})`}${next}`;
}
