import type { EntryOf } from "../../entry/index.ts";
import { runSentence } from "../../words/sentence/run.ts";
import { RUN_WORDS, type StateWords } from "../../words/tone.ts";
import type { ItemWait, TimelineItem } from "../item.ts";
import { begunBy, endedWaits, itemOf, withNote, type GroupBase } from "./group.ts";

export const MILESTONES = ["started", "redriven", "completed", "failed", "stuck", "cancelled", "compensating", "compensated", "released", "settled", "cancel_noticed", "walk_claimed", "walk_released"] as const;
export type MilestoneVerb = (typeof MILESTONES)[number];
type Milestone = EntryOf<"run", MilestoneVerb>;

/** A moment in the life of the run: begun, ended, stopped, cancelled and what became of that. */
export interface MilestoneGroup extends GroupBase {
  readonly kind: "run";
  readonly entry: Milestone;
  /** cancelled and compensating: the last driver has left. */
  readonly settledAt: string | null;
  /** compensating: the walk has come to its end. */
  readonly doneAt: string | null;
  /** stuck and failed: somebody has dealt with it. */
  readonly resolved: boolean;
  readonly waits: readonly ItemWait[];
}

/** `lastAt`: when something last happened before it; a run that has ended rests until somebody asks for compensation. */
export function beginMilestone(entry: Milestone, lastAt: string | null = null): MilestoneGroup {
  const group: MilestoneGroup = { ...begunBy(entry, `run:${entry.seq}`), kind: "run", entry, settledAt: null, doneAt: null, resolved: false, waits: [] };
  switch (entry.verb) {
    case "started":
    case "redriven":
      return { ...group, waits: [{ from: entry.at, to: null, why: "for a worker" }] };
    case "released":
      return { ...group, waits: [{ from: entry.at, to: null, why: "before going on" }] };
    case "compensating": {
      const rest = lastAt === null ? [] : [{ from: lastAt, to: entry.at, why: "before compensation was asked for" }];
      return { ...group, waits: [...rest, { from: entry.at, to: null, why: "for a worker" }] };
    }
    case "stuck":
      return { ...group, waits: [{ from: entry.at, to: null, why: "for an operator" }] };
    case "cancelled":
      return entry.payload.settled ? { ...group, settledAt: entry.at } : group;
    default:
      return group;
  }
}

/** What is told of a cancellation or a compensation under its row, or as a row of its own where that is not here. */
export const AFTERWORDS = ["settled", "cancel_noticed", "walk_claimed", "walk_released"] as const;
export type Afterword = EntryOf<"run", (typeof AFTERWORDS)[number]>;

/** What became of a cancellation or a compensation: noticed, settled, taken up by a worker. */
export function extendMilestone(group: MilestoneGroup, entry: Afterword): MilestoneGroup {
  const next = withNote(group, entry, "quiet", runSentence(entry));
  switch (entry.verb) {
    case "walk_claimed":
      return { ...next, waits: endedWaits(next.waits, entry.at) };
    case "walk_released":
      return waitingForWalker(next, entry.at, entry.payload.reason === "compensator_missing" ? "for a worker that has the compensator" : "for a worker");
    case "settled":
      return { ...next, settledAt: entry.at };
    case "cancel_noticed":
      return next;
  }
}

/** Nobody walks a compensation from here on. */
export function waitingForWalker(group: MilestoneGroup, from: string, why = "for a worker"): MilestoneGroup {
  return { ...group, waits: [...endedWaits(group.waits, from), { from, to: null, why }] };
}

/** The walk of a compensation has come to its end. */
export function endWalk(group: MilestoneGroup, at: string): MilestoneGroup {
  return { ...group, doneAt: at, waits: endedWaits(group.waits, at) };
}

/** What it waited for is over: a worker took the run, or a person dealt with it. */
export function resolveMilestone(group: MilestoneGroup, at: string): MilestoneGroup {
  return { ...group, resolved: true, waits: endedWaits(group.waits, at) };
}

const WORDS: Readonly<Record<MilestoneVerb, StateWords>> = {
  started: { tone: "quiet", word: "started", icon: "play" },
  redriven: { tone: "quiet", word: "driven again", icon: "rotate-ccw" },
  completed: { ...RUN_WORDS.COMPLETED, icon: "flag" },
  failed: RUN_WORDS.FAILED,
  stuck: RUN_WORDS.STUCK,
  // The row tells who cancelled and why: it is quiet but not struck, unlike the run that it ended.
  cancelled: { tone: "quiet", word: "cancelled", icon: "circle-slash" },
  compensating: RUN_WORDS.COMPENSATING,
  compensated: RUN_WORDS.COMPENSATED,
  released: { tone: "quiet", word: "backed off", icon: "hourglass" },
  settled: { tone: "quiet", word: "settled", icon: "check" },
  cancel_noticed: { tone: "quiet", word: "noticed", icon: "check" },
  walk_claimed: { tone: "quiet", word: "taken up", icon: "check" },
  walk_released: { tone: "quiet", word: "handed back", icon: "hourglass" },
};

export function milestoneItem(group: MilestoneGroup): TimelineItem {
  const { entry } = group;
  return itemOf(group, wordsOf(group), {
    kind: "run",
    sentence: runSentence(entry),
    endedAt: endedAtOf(group),
    waiting: entry.verb === "stuck" && !group.resolved,
    secondary: AFTERWORDS.some((verb) => verb === entry.verb),
    waits: group.waits,
  });
}

function endedAtOf({ doneAt, entry, resolved, settledAt }: MilestoneGroup): string | null {
  switch (entry.verb) {
    case "cancelled":
      return settledAt;
    case "compensating":
      return doneAt;
    case "stuck":
      return resolved ? entry.at : null;
    default:
      return entry.at;
  }
}

const ASKED_TO_COMPENSATE: StateWords = { ...RUN_WORDS.COMPENSATING, word: "compensation" };

function wordsOf({ doneAt, entry, resolved, settledAt }: MilestoneGroup): StateWords {
  const words = WORDS[entry.verb];
  if (entry.verb === "compensating" && doneAt !== null) return ASKED_TO_COMPENSATE;
  if (entry.verb === "cancelled" && settledAt === null) return { tone: "live", word: "cancelling", icon: "circle-slash" };
  return resolved && words.tone === "operator" ? { ...words, tone: "quiet" } : words;
}
