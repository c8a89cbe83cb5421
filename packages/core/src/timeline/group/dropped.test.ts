import { describe, expect, test } from "vitest";
import type { Entry } from "../../entry/index.ts";
import { fold } from "../../fold/index.ts";
import { journalOf } from "../../testing/index.ts";
import { seqsOf } from "../item.ts";
import { emptyTimeline, extendTimeline, timeline } from "../index.ts";

const thinned = (entries: readonly Entry[]): Entry[] => entries.map((entry) => ({ ...entry, payload: {}, dropped: true }) as Entry);

describe.each(Object.entries({ everyVerb: journalOf.everyVerb(), payBatch: journalOf.payBatch() }))("%s, thinned out by retention", (_name, entries) => {
  test("is one row that says so, and holds every entry", () => {
    const items = timeline(thinned(entries));
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ kind: "run", tone: "quiet", status: "dropped", startedAt: entries[0]!.at, endedAt: entries.at(-1)!.at });
    expect(items[0]!.sentence).toMatch(/^\d+ entries: the content was dropped by retention$/);
    expect(seqsOf(items[0]!)).toEqual(entries.map(({ seq }) => seq));
    const paged = entries.reduce((state, _, place) => extendTimeline(state, thinned(entries.slice(place, place + 1))), emptyTimeline());
    expect(paged.items).toEqual(items);
  });

  test("what came after it is told as ever, and nobody who folds it fails", () => {
    const half = Math.floor(entries.length / 2);
    const mixed = [...thinned(entries.slice(0, half)), ...entries.slice(half)];
    expect(timeline(mixed).flatMap(seqsOf).toSorted((a, b) => a - b)).toEqual(entries.map(({ seq }) => seq));
    expect(fold(thinned(entries)).lastSeq).toBe(entries.at(-1)!.seq);
  });
});
