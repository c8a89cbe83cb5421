import type { EntryOf } from "../../entry/index.ts";
import { sayWorker } from "../../words/actor.ts";
import { runSentence, sayWaits } from "../../words/sentence/run.ts";
import { count, foreign } from "../../words/text.ts";
import type { StateWords } from "../../words/tone.ts";
import type { ItemWait, TimelineItem } from "../item.ts";
import { begunBy, endedWaits, itemOf, type GroupBase } from "./group.ts";

type Claimed = EntryOf<"run", "claimed">;

/** A stretch in which one worker drove the run. Folded away unless the run changed hands or version. */
export interface DriveGroup extends GroupBase {
  readonly kind: "drive";
  readonly claimed: Claimed | null;
  readonly drives: number;
  readonly endedAt: string | null;
  readonly ending: "parked" | "released" | "lost" | "ended" | null;
  /** Why a person should see this row, as a sentence. */
  readonly notable: string | null;
  /** Stretches in which nobody drove the run. */
  readonly waits: readonly ItemWait[];
}

export function beginDrive(entry: Claimed, previousVersion: string | null): DriveGroup {
  return {
    ...begunBy(entry, `drive:${entry.seq}`),
    kind: "drive",
    claimed: entry,
    drives: 1,
    endedAt: null,
    ending: null,
    notable: whyNotable(entry, previousVersion),
    waits: [],
  };
}

/** For a journal whose beginning is not here: a drive that ends before it was seen to begin. */
export function driveFromWithin(entry: EntryOf<"run">): DriveGroup {
  return { ...begunBy(entry, `drive:${entry.seq}`), kind: "drive", claimed: null, drives: 1, endedAt: null, ending: null, notable: null, waits: [] };
}

/** Is `entry` one more uneventful drive directly after `group`, to be shown as one with it? */
export function continuesDrive(group: DriveGroup, entry: Claimed, previousVersion: string | null): boolean {
  return group.notable === null && group.endedAt !== null && whyNotable(entry, previousVersion) === null;
}

export function driveAgain(group: DriveGroup, entry: Claimed): DriveGroup {
  return { ...group, claimed: entry, drives: group.drives + 1, endedAt: null, ending: null };
}

export function endDrive(group: DriveGroup, entry: EntryOf<"run">): DriveGroup {
  if (group.endedAt !== null) return group;
  if (entry.verb === "parked") return undriven({ ...group, endedAt: entry.at, ending: "parked" }, entry.at, `for ${sayWaits(entry.payload.waits)}`);
  if (entry.verb === "released" && entry.payload.reason === "stopping") return undriven({ ...group, endedAt: entry.at, ending: "released" }, entry.at, "for a worker");
  return { ...group, endedAt: entry.at, ending: "ended" };
}

/** The owner fell silent: nobody drove the run between the journal's last entry and the take-over. */
export function loseDrive(group: DriveGroup, lastAt: string, takenAt: string): DriveGroup {
  if (group.endedAt !== null) return group;
  const wait: ItemWait = { from: lastAt, to: takenAt, why: "for another worker to take over" };
  return { ...group, endedAt: takenAt, ending: "lost", waits: [...endedWaits(group.waits, takenAt), wait] };
}

export function undriven<G extends { readonly waits: readonly ItemWait[] }>(group: G, from: string, why: string): G {
  return { ...group, waits: [...group.waits, { from, to: null, why }] };
}

const DRIVING: StateWords = { tone: "live", word: "driving", icon: "cpu" };
const DROVE: StateWords = { tone: "quiet", word: "drove", icon: "cpu" };
const RECOVERED: StateWords = { tone: "quiet", word: "recovered", icon: "life-buoy" };
const LOST: StateWords = { tone: "quiet", word: "lost its worker", icon: "life-buoy" };
const NEW_VERSION: StateWords = { tone: "quiet", word: "new version", icon: "arrow-right-left" };

export function driveItem(group: DriveGroup): TimelineItem {
  const owner = group.claimed?.payload.owner;
  return itemOf(group, wordsOf(group), {
    kind: "drive",
    sentence: group.notable ?? sentenceOf(group),
    endedAt: group.endedAt,
    times: group.drives,
    refs: owner === undefined ? {} : { owner },
    secondary: group.notable === null,
    waits: group.waits,
  });
}

function wordsOf(group: DriveGroup): StateWords {
  if (group.claimed?.payload.taken === "stale") return RECOVERED;
  if (group.notable !== null) return NEW_VERSION;
  if (group.endedAt === null) return DRIVING;
  return group.ending === "lost" ? LOST : DROVE;
}

function sentenceOf({ claimed, drives }: DriveGroup): string {
  const who = claimed === null ? "a worker" : sayWorker(claimed.payload.owner);
  return drives === 1 ? `Driven by ${who}` : `Driven ${count(drives, "time")}, last by ${who}`;
}

function whyNotable(entry: Claimed, previousVersion: string | null): string | null {
  if (entry.payload.taken === "stale") return runSentence(entry);
  const { owner, version } = entry.payload;
  if (version === null || previousVersion === null || version === previousVersion) return null;
  return `Goes on with version ${foreign(version, 24)} (was ${foreign(previousVersion, 24)}), driven by ${sayWorker(owner)}`;
}
