import { emptyTimeline, extendTimeline } from "@tape/core";
import { journalOf } from "@tape/core/testing";
import { expect, it } from "vitest";
import { entriesOf, storyOf } from "./item-story.ts";

const entries = journalOf.payBatch();
const { items } = extendTimeline(emptyTimeline(), entries);

it("gives every entry to exactly one item", () => {
  const seqs = items.flatMap((item) => entriesOf(item, entries).map((entry) => entry.seq));
  expect(seqs.sort((a, b) => a - b)).toEqual(entries.map((entry) => entry.seq));
});

it("tells what was asked and what came back", () => {
  const wire = items.find((item) => item.kind === "effect" && item.notes.length > 3);
  const story = storyOf(wire === undefined ? [] : entriesOf(wire, entries));
  expect(story.tool).toBe("wire");
  expect(story.request).toBeDefined();
  expect(story.response).toBeDefined();
  // It was unknown once; what stands is the confirmation.
  expect(story.error).toBeUndefined();
});

it("tells of every kind of entry without a word about its markup", () => {
  for (const item of extendTimeline(emptyTimeline(), journalOf.everyVerb()).items) {
    expect(() => storyOf(entriesOf(item, journalOf.everyVerb()))).not.toThrow();
  }
});
