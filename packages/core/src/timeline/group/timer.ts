import type { EntryOf } from "../../entry/index.ts";
import { byWhom, sayTimer, timerSentence } from "../../words/sentence/rest.ts";
import { count, foreign } from "../../words/text.ts";
import { formatDuration, formatInstant } from "../../words/time.ts";
import { TIMER_WORDS, type StateWords } from "../../words/tone.ts";
import type { TimerStatus } from "../../machine/timer.ts";
import type { TimelineItem } from "../item.ts";
import { begunBy, itemOf, msBetween, withNote, type GroupBase } from "./group.ts";

/** One sleep, or one timer by its id, however often it was armed again. */
export interface TimerGroup extends GroupBase {
  readonly kind: "timer";
  readonly timerId: string;
  readonly timerKind: string;
  readonly armed: EntryOf<"timer", "armed"> | null;
  readonly status: TimerStatus;
  readonly fired: number;
  /** How often it was set, the first time included. */
  readonly sets: number;
  readonly cancelledBy: string | null;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly endedAt: string | null;
}

export function timerGroupId(timerId: string): string {
  return `timer:${timerId}`;
}

export function beginTimer(entry: EntryOf<"timer">): TimerGroup {
  const { timerId } = entry.payload;
  const empty: TimerGroup = {
    ...begunBy(entry, timerGroupId(timerId)),
    kind: "timer",
    timerId,
    timerKind: entry.verb === "delivered" ? "wake" : entry.payload.kind,
    armed: null,
    status: "ARMED",
    fired: 0,
    sets: 0,
    cancelledBy: null,
    attempts: 1,
    lastError: null,
    endedAt: null,
  };
  return extendTimer(empty, entry);
}

export function extendTimer(group: TimerGroup, entry: EntryOf<"timer">): TimerGroup {
  switch (entry.verb) {
    case "armed":
      return { ...group, armed: entry, sets: group.sets + 1, status: "ARMED", attempts: 1, lastError: null, endedAt: null };
    case "fired":
      return { ...group, status: "FIRED", fired: group.fired + 1, lastError: entry.payload.lastError ?? null, endedAt: entry.at };
    case "cancelled":
      return { ...group, status: "CANCELLED", cancelledBy: entry.payload.by ?? null, endedAt: entry.at };
    case "attempt_failed":
      return withNote({ ...group, attempts: entry.payload.attempt + 1 }, entry, "quiet", timerSentence(entry));
    case "delivered":
      return { ...group, endedAt: group.endedAt ?? entry.at };
  }
}

const SLEEPING: StateWords = { tone: "quiet", word: "sleeping", icon: "moon" };
const SLEPT: StateWords = { tone: "quiet", word: "slept", icon: "moon" };
const GAVE_UP: StateWords = { tone: "operator", word: "gave up", icon: "triangle-alert" };

export function timerItem(group: TimerGroup): TimelineItem {
  const isSleep = group.timerKind === "wake";
  const from = group.armed?.at ?? group.startedAt;
  return itemOf(group, wordsOf(group, isSleep), {
    kind: "timer",
    sentence: isSleep ? sleepSentence(group) : sentenceOf(group),
    endedAt: group.endedAt,
    key: group.armed?.payload.key ?? null,
    attempts: group.attempts,
    times: Math.max(1, group.fired),
    refs: { timerId: group.timerId },
    waiting: isSleep && group.endedAt === null,
    secondary: group.timerKind === "gate_timeout" || group.timerKind === "signal_timeout" || isDelay(group),
    // The row of the tool that is tried again says that it waits.
    waits: isSleep && !isDelay(group) ? [{ from, to: group.endedAt, why: "for a sleep to end" }] : [],
  });
}

function wordsOf(group: TimerGroup, isSleep: boolean): StateWords {
  if (group.lastError !== null) return GAVE_UP;
  if (!isSleep || group.status === "CANCELLED") return TIMER_WORDS[group.status];
  return group.endedAt === null ? SLEEPING : SLEPT;
}

/** The delay before the next try of a tool, which parked the run. */
function isDelay({ timerId, timerKind }: TimerGroup): boolean {
  return timerKind === "wake" && /\/retry\/\d+$/.test(timerId);
}

function sleepSentence(group: TimerGroup): string {
  const { armed, endedAt, startedAt, status } = group;
  if (isDelay(group)) return endedAt !== null || armed === null ? "Waited before the next try" : `Waits until ${formatInstant(armed.payload.fireAt)} before the next try`;
  if (status === "CANCELLED") return "Sleep cut short";
  if (endedAt !== null) return `Slept ${formatDuration(msBetween(armed?.at ?? startedAt, endedAt))}`;
  return armed === null ? "Sleeps" : `Sleeps until ${formatInstant(armed.payload.fireAt)}`;
}

function sentenceOf(group: TimerGroup): string {
  const { armed, cancelledBy, fired, lastError, sets, status, timerKind } = group;
  const name = sayTimer(timerKind);
  const times = fired > 1 ? `, fired ${count(fired, "time")}` : "";
  if (lastError !== null) return `${name} given up: ${foreign(lastError, 160)}`;
  if (status === "CANCELLED") return `${name} cancelled${byWhom(cancelledBy ?? undefined)}${times}`;
  if (status === "FIRED") return `${name} fired${fired > 1 ? ` ${count(fired, "time")}` : ""}`;
  if (armed === null) return `${name}${times}`;
  return `${name} set${sets > 1 ? " again" : ""} for ${formatInstant(armed.payload.fireAt)}${byWhom(armed.payload.by)}${times}`;
}
