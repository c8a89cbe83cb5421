import type { EntryOf } from "../../entry/index.ts";
import { isOperation, runSentence } from "../../words/sentence/run.ts";
import { sayError } from "../../words/sentence/error.ts";
import { valueSentence } from "../../words/sentence/rest.ts";
import { count, foreign, listed } from "../../words/text.ts";
import type { StateWords } from "../../words/tone.ts";
import type { TimelineItem } from "../item.ts";
import { begunBy, itemOf, type GroupBase } from "./group.ts";

type Sampled = EntryOf<"run", "sampled">;

/** A run of samples (`now`, `uuid`, `random`, `sample`) with nothing between them, as one row. */
export interface SampleGroup extends GroupBase {
  readonly kind: "sample";
  readonly last: Sampled;
  /** How often each name was sampled. */
  readonly names: ReadonlyMap<string, number>;
  readonly times: number;
}

export function beginSample(entry: Sampled): SampleGroup {
  return { ...begunBy(entry, `sample:${entry.seq}`), kind: "sample", last: entry, names: new Map([[entry.payload.name, 1]]), times: 1 };
}

/** What changes something has a row of its own. */
export function continuesSample({ last }: SampleGroup, { payload: { name } }: Sampled): boolean {
  return !isOperation(name) && !isOperation(last.payload.name);
}

export function extendSample(group: SampleGroup, entry: Sampled): SampleGroup {
  const { name } = entry.payload;
  return { ...group, last: entry, names: new Map(group.names).set(name, (group.names.get(name) ?? 0) + 1), times: group.times + 1 };
}

const ACTED: StateWords = { tone: "quiet", word: "asked", icon: "check" };
const SAMPLED: StateWords = { tone: "quiet", word: "sampled", icon: "dices" };
const SAMPLE_FAILED: StateWords = { tone: "quiet", word: "failed", icon: "x" };

export function sampleItem(group: SampleGroup): TimelineItem {
  const { last, names, times } = group;
  const { error } = last.payload;
  const kinds = [...names].map(([name, n]) => (n === 1 ? foreign(name, 40) : `${foreign(name, 40)} ${count(n, "time")}`));
  const isAct = isOperation(last.payload.name);
  const sentence = times > 1 ? `Took ${listed(kinds)} from outside` : error ? `${isAct ? runSentence(last) : `Taking ${foreign(last.payload.name, 40)}`} failed: ${sayError(error)}` : runSentence(last);
  return itemOf(group, error && times === 1 ? SAMPLE_FAILED : isAct ? ACTED : SAMPLED, {
    kind: "sample",
    sentence,
    endedAt: last.at,
    durationMs: null,
    key: times === 1 ? last.payload.key : null,
    times,
    secondary: !isAct,
  });
}

/** Writes, deletions or reads of one value with nothing between them, as one row. */
export interface ValueGroup extends GroupBase {
  readonly kind: "value";
  readonly first: EntryOf<"value">;
  readonly last: EntryOf<"value">;
  readonly times: number;
}

export function beginValue(entry: EntryOf<"value">): ValueGroup {
  return { ...begunBy(entry, `value:${entry.seq}`), kind: "value", first: entry, last: entry, times: 1 };
}

export function continuesValue({ last }: ValueGroup, entry: EntryOf<"value">): boolean {
  return last.verb === entry.verb && last.payload.valueKey === entry.payload.valueKey && last.payload.namespace === entry.payload.namespace;
}

export function extendValue(group: ValueGroup, entry: EntryOf<"value">): ValueGroup {
  return { ...group, last: entry, times: group.times + 1 };
}

const WORDS: Readonly<Record<EntryOf<"value">["verb"], StateWords>> = {
  written: { tone: "quiet", word: "written", icon: "bookmark" },
  deleted: { tone: "quiet", word: "deleted", icon: "bookmark", struck: true },
  read: { tone: "quiet", word: "read", icon: "bookmark" },
};

export function valueItem({ first, last, times, ...group }: ValueGroup): TimelineItem {
  const from = times > 1 && first.payload.version !== null ? `, ${count(times, "time")} since version ${first.payload.version}` : "";
  return itemOf(group, WORDS[last.verb], {
    kind: "value",
    sentence: `${valueSentence(last)}${from}`,
    endedAt: last.at,
    durationMs: null,
    key: times === 1 ? last.payload.key : null,
    times,
    secondary: last.verb === "read" || last.payload.valueKey === "progress",
  });
}
