import type { EntryOf } from "../../entry/index.ts";
import { sayActor } from "../../words/actor.ts";
import { figuresOf } from "../../words/figures.ts";
import { signalSentence } from "../../words/sentence/rest.ts";
import { quoted } from "../../words/text.ts";
import type { StateWords } from "../../words/tone.ts";
import type { TimelineItem } from "../item.ts";
import { begunBy, itemOf, type GroupBase } from "./group.ts";

/** One wait for a signal and the signal that ended it; or one that was sent before it was awaited, or to another run. */
export interface SignalGroup extends GroupBase {
  readonly kind: "signal";
  readonly first: EntryOf<"signal">;
  readonly received: EntryOf<"signal", "received"> | null;
  readonly timedOut: boolean;
  readonly endedAt: string | null;
}

/** The id of the group that an entry belongs to by itself; a reception may be given to one that waits for it. */
export function signalGroupId(entry: EntryOf<"signal">): string {
  return entry.verb === "received" ? `signal:${entry.payload.signalId}` : `signal:${entry.payload.key}`;
}

export function beginSignal(entry: EntryOf<"signal">): SignalGroup {
  const empty: SignalGroup = { ...begunBy(entry, signalGroupId(entry)), kind: "signal", first: entry, received: null, timedOut: false, endedAt: null };
  return extendSignal(empty, entry);
}

export function extendSignal(group: SignalGroup, entry: EntryOf<"signal">): SignalGroup {
  switch (entry.verb) {
    case "awaited":
      return group;
    case "received":
      return { ...group, received: entry, endedAt: entry.at };
    case "sent":
    case "delivered":
    case "timeout_delivered":
      return { ...group, endedAt: group.endedAt ?? entry.at };
    case "timed_out":
      return { ...group, timedOut: true, endedAt: entry.at };
  }
}

const WAITING: StateWords = { tone: "quiet", word: "waiting", icon: "hourglass" };
const RECEIVED: StateWords = { tone: "quiet", word: "received", icon: "bell" };
const TIMED_OUT: StateWords = { tone: "quiet", word: "timed out", icon: "timer-off" };
const SENT: StateWords = { tone: "quiet", word: "sent", icon: "send" };

export function signalItem(group: SignalGroup): TimelineItem {
  const { first, received } = group;
  const isWait = first.verb === "awaited";
  return itemOf(group, wordsOf(group), {
    kind: "signal",
    sentence: sentenceOf(group),
    endedAt: group.endedAt,
    key: first.verb === "received" ? null : first.payload.key,
    refs: {
      ...(received !== null && { signalId: received.payload.signalId }),
      ...(first.verb === "sent" && { runId: first.payload.toRunId, signalId: first.payload.signalId }),
    },
    // The signal was there already: its own row says who sent it.
    secondary: isWait && received === null && group.endedAt !== null && !group.timedOut,
    waiting: isWait && group.endedAt === null,
    waits: isWait ? [{ from: group.startedAt, to: group.endedAt, why: `for signal ${quoted(first.payload.name, 60)}` }] : [],
  });
}

function wordsOf({ endedAt, first, timedOut }: SignalGroup): StateWords {
  if (timedOut) return TIMED_OUT;
  if (first.verb === "sent") return SENT;
  return endedAt === null ? WAITING : RECEIVED;
}

function sentenceOf({ endedAt, first, received, timedOut }: SignalGroup): string {
  const name = quoted(first.payload.name, 60);
  if (timedOut) return `No signal ${name} came in time`;
  if (received === null) return endedAt !== null && first.verb === "awaited" ? `Got signal ${name}, which had come before` : signalSentence(first);
  const figures = figuresOf(received.payload.payload);
  return `Signal ${name} from ${sayActor(received.payload.by)}${figures === "" ? "" : `: ${figures}`}`;
}
