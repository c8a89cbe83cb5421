import type { EntryOf } from "../../entry/index.ts";
import type { Wait } from "../../entry/run.ts";
import { sayActor, sayWorker } from "../actor.ts";
import { figuresOf } from "../figures.ts";
import { capitalized, count, foreign, listed, quoted } from "../text.ts";
import { formatInstant } from "../time.ts";
import { sayError } from "./error.ts";

/** Every verb of `run.*` as a sentence. */
export function runSentence(entry: EntryOf<"run">): string {
  switch (entry.verb) {
    case "started": {
      const { agent, startedBy, version } = entry.payload;
      return `${sayActor(startedBy)} started ${foreign(agent)}${version === null ? "" : ` version ${foreign(version, 24)}`}`;
    }
    case "claimed": {
      const { owner, previousOwner, taken } = entry.payload;
      if (taken === "runnable") return `Taken by ${sayWorker(owner)}`;
      return `Recovered by ${sayWorker(owner)}${previousOwner === null ? "" : ` after ${sayWorker(previousOwner)} fell silent`}`;
    }
    case "parked":
      return `Waits for ${sayWaits(entry.payload.waits)}`;
    case "released":
      if (entry.payload.reason === "stopping") return "Handed back by a worker that stopped in order";
      return entry.payload.dueAt === null ? "Backs off" : `Backs off until ${formatInstant(entry.payload.dueAt)}`;
    case "completed": {
      const figures = figuresOf(entry.payload.output);
      return `Completed${figures === "" ? "" : ` with ${figures}`}`;
    }
    case "failed":
      return `Failed: ${sayError(entry.payload.error)}`;
    case "stuck":
      return `Stuck: ${sayStuck(entry.payload.reason)}`;
    case "cancelled":
      return `Cancelled by ${sayActor(entry.payload.by)}: ${quoted(entry.payload.reason, 120)}`;
    case "cancel_noticed":
      return capitalized(`${sayWorker(entry.payload.owner)} noticed the cancellation`);
    case "settled":
      return entry.payload.by === "recovery" ? "Settled by recovery: its worker was gone" : "Settled: no worker holds the run any more";
    case "redriven":
      return `Driven again by ${sayActor(entry.payload.by)}: ${quoted(entry.payload.reason, 120)}`;
    case "compensating":
      return `Compensation asked for by ${sayActor(entry.payload.by)}: ${quoted(entry.payload.reason, 120)}`;
    case "walk_claimed": {
      const { owner, previousOwner } = entry.payload;
      return `${capitalized(sayWorker(owner))} takes up the undoing${previousOwner === null ? "" : ` after ${sayWorker(previousOwner)} fell silent`}`;
    }
    case "walk_released":
      return entry.payload.reason === "stopping" ? "Undoing handed back by a worker that stopped in order" : "Undoing handed back: this worker does not have the compensator";
    case "compensated":
      return "Compensated: everything that could be undone is undone or waived";
    case "sampled":
      return OPERATIONS.get(entry.payload.name) ?? `Took ${foreign(entry.payload.name, 40)} from outside, the same on every drive`;
    case "child":
      return `${entry.payload.resumed ? "Joined" : "Started"} ${foreign(entry.payload.agent)} as a run of its own`;
  }
}

/** What agent code did to other runs and to timers, by the operation's name. Everything else that is sampled was read. */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ["cancelRun", "Had a run cancelled"],
  ["compensateRun", "Had a run compensated"],
  ["redrive", "Had a run driven again"],
  ["setTimer", "Set a timer"],
  ["cancelTimer", "Cancelled a timer"],
]);

/** Did this sample change something, and not only read? */
export function isOperation(name: string): boolean {
  return OPERATIONS.has(name);
}

/** What a parked run waits for: `cfo-approval`, `signal go or the end of a sleep`. */
export function sayWaits(waits: readonly Wait[]): string {
  return waits.length === 0 ? "nothing" : listed(waits.map(sayWait), 3, "or");
}

function sayWait(wait: Wait): string {
  switch (wait.on) {
    case "gate":
      return foreign(wait.name, 60);
    case "signal":
      return `signal ${quoted(wait.name, 60)}`;
    case "sleep":
      if (wait.retries) return `the next try of ${foreign(wait.retries.tool, 60)}, ${formatInstant(wait.until)}`;
      return `the end of a sleep, ${formatInstant(wait.until)}`;
    case "effect":
      return `the outcome of ${foreign(wait.tool, 60)}`;
  }
}

/** Why a run is STUCK, in a person's words. */
export function sayStuck(reason: EntryOf<"run", "stuck">["payload"]["reason"]): string {
  switch (reason.code) {
    case "nondeterminism":
      if (reason.recorded === null || reason.asked === null) return `the code no longer follows the journal (${foreign(reason.message, 160)})`;
      return `the code asked ${quoted(reason.asked, 80)} where the journal has ${quoted(reason.recorded, 80)}`;
    case "poison":
      return `driven ${count(reason.redrives, "time")} without getting on`;
    case "compensation":
      return `a compensation gave up (${foreign(reason.message, 160)})`;
  }
}
