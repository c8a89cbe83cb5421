import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Entry } from "../entry/index.ts";
import { journalOf, JournalBuilder } from "../testing/index.ts";
import { emptyTimeline, extendTimeline, seqsOf, timeline, type TimelineItem, type TimelineState } from "./index.ts";

type Make = () => Entry[];
const journals = Object.entries(journalOf)
  .filter(([name]) => name !== "large")
  .map(([name, make]) => [name, (make as Make)()] as const);

function inPages(entries: readonly Entry[], sizes: readonly number[]): TimelineState {
  let state = emptyTimeline();
  let from = 0;
  for (const size of [...sizes, entries.length]) {
    state = extendTimeline(state, entries.slice(from, from + size));
    from += size;
  }
  return state;
}

/** The processor's time for `act`, in milliseconds: what others do on the machine meanwhile is not in it. */
function workMs(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { system, user } = process.cpuUsage(before);
  return (system + user) / 1000;
}

const main = (items: readonly TimelineItem[]) => items.filter(({ secondary }) => !secondary);

describe.each(journals)("the timeline of journalOf.%s", (_name, entries) => {
  test("holds every entry in exactly one row", () => {
    const seqs = timeline(entries).flatMap(seqsOf);
    expect(seqs.toSorted((a, b) => a - b)).toEqual(entries.map(({ seq }) => seq));
  });

  test("is the same however the journal is cut into pages", () => {
    const whole = timeline(entries);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 }), (sizes) => {
        expect(inPages(entries, sizes).items).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  test("has rows with ids of their own that stay while the journal grows", () => {
    const ids = timeline(entries).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (let length = 1; length < entries.length; length++) {
      const before = timeline(entries.slice(0, length)).map(({ id }) => id);
      expect(ids.slice(0, before.length)).toEqual(before);
    }
  });

  test("has sentences fit to be read, times that agree, and rows that stand in the order they began", () => {
    const items = timeline(entries);
    for (const { attempts, durationMs, endedAt, firstSeq, lastSeq, sentence, startedAt } of items) {
      expect(sentence).not.toMatch(/[\u0000-\u001f\u202a-\u202e]|undefined|null|\[object|NaN/);
      expect(sentence.length).toBeGreaterThan(3);
      expect(firstSeq).toBeLessThanOrEqual(lastSeq);
      expect(attempts).toBeGreaterThanOrEqual(1);
      if (endedAt !== null) expect(endedAt >= startedAt).toBe(true);
      if (endedAt === null) expect(durationMs).toBeNull();
      else if (durationMs !== null) expect(durationMs).toBeGreaterThanOrEqual(0);
    }
    expect(items.map(({ firstSeq }) => firstSeq)).toEqual(items.map(({ firstSeq }) => firstSeq).toSorted((a, b) => a - b));
  });

  test("survives a journal of which only the end is here", () => {
    for (let from = 1; from < entries.length; from++) {
      const seqs = timeline(entries.slice(from)).flatMap(seqsOf);
      expect(seqs.toSorted((a, b) => a - b)).toEqual(entries.slice(from).map(({ seq }) => seq));
    }
  });
});

describe("extendTimeline", () => {
  const entries = journalOf.payBatch();

  test("a page that comes twice changes nothing, not even the state's identity", () => {
    const state = extendTimeline(emptyTimeline(), entries);
    expect(extendTimeline(state, entries.slice(-7))).toBe(state);
    expect(extendTimeline(state, [])).toBe(state);
  });

  test("an overlapping page adds only what is new", () => {
    const state = extendTimeline(emptyTimeline(), entries.slice(0, 20));
    expect(extendTimeline(state, entries.slice(10)).items).toEqual(timeline(entries));
  });

  test("leaves the state it was given, and rows that did not change, as they were", () => {
    const before = extendTimeline(emptyTimeline(), entries.slice(0, 20));
    const copy = structuredClone(before.items);
    const after = extendTimeline(before, entries.slice(20, 22));
    expect(before.items).toEqual(copy);
    const kept = after.items.filter((item, place) => item === before.items[place]);
    expect(kept.length).toBeGreaterThanOrEqual(before.items.length - 1);
  });

  test("the same state extended twice gives the same rows, as React's strict mode asks", () => {
    const state = extendTimeline(emptyTimeline(), entries.slice(0, 18));
    const once = extendTimeline(state, entries.slice(18));
    const again = extendTimeline(state, entries.slice(18));
    expect(again.items).toEqual(once.items);
    expect(extendTimeline(extendTimeline(state, entries.slice(18, 25)), entries.slice(25)).items).toEqual(once.items);
  });

  test("50,000 entries: the first load and a live patch are fast", { timeout: 60_000 }, () => {
    const long = journalOf.large(50_000);
    let state = emptyTimeline();
    const loadedMs = workMs(() => (state = extendTimeline(state, long.slice(0, 49_900))));
    const patchMs = workMs(() => long.slice(49_900).forEach((entry) => (state = extendTimeline(state, [entry])))) / 100;
    expect(state.items.flatMap(seqsOf)).toHaveLength(50_000);
    // Ten times what an idle machine takes: this fails when the cost per entry grows with the journal, not on a slow day.
    expect(loadedMs).toBeLessThan(3000);
    expect(patchMs).toBeLessThan(10);
  });
});

describe("what a person reads", () => {
  test("of the batch", () => {
    const told = main(timeline(journalOf.payBatch())).map(({ durationMs, sentence, status, tone }) => `${tone} ${status} | ${sentence} | ${durationMs}`);
    expect(told).toEqual([
      "quiet started | ann@acme.example started pay-batch version 1.4.0 | null",
      "quiet confirmed | Read 5 payments, 62,242.22 EUR, from vendor-payments-2026-11-24.csv | 38",
      "quiet decided | Decided plan: All vendors are known, no sum is above twice its vendor's average, and the account covers the total. · 3,800 tokens, 0.0161 USD | 4180",
      "quiet approved | chris@acme.example approved: Pay 5 vendors 62,242.22 EUR, “Matches the cash plan.” | 11520000",
      "quiet confirmed | Wired 1,240.00 EUR to Acme GmbH | 312",
      "quiet confirmed | Wired 18,500.50 EUR to Nordwind Logistik AG | 312",
      "quiet confirmed | Wired 987.12 EUR to Müller & Söhne KG | 5134",
      "quiet confirmed | Wired 41,250.00 EUR to Estudio Líneas S.L. | 12026",
      "quiet recovered | Recovered by worker 000C after worker 000B fell silent | 721",
      "quiet confirmed | Wired 264.60 EUR to Kawasaki Parts Europe B.V. | 312",
      "quiet completed | Completed with 62,242.22 EUR | null",
    ]);
  });

  test.each([
    ["started", "quiet started | ann@acme.example started pay-batch version 1.4.0"],
    ["deciding", "live deciding | Deciding plan with claude-sonnet-4-5"],
    ["gate", "person open | Asks chris@acme.example or role cfo: Pay 5 vendors 62,242.22 EUR"],
    ["paying", "live running | Wire 18,500.50 EUR to Nordwind Logistik AG"],
    ["unknown", "operator unknown | Wire 987.12 EUR to Müller & Söhne KG: no acknowledgement, it may have happened"],
  ] as const)("of the batch, last, when it is at %s", (until, told) => {
    const last = main(timeline(journalOf.payBatch({ until }))).at(-1);
    expect(`${last?.tone} ${last?.status} | ${last?.sentence}`).toBe(told);
    expect(last?.waiting).toBe(until === "gate" || until === "unknown");
  });

  test("drives, samples and progress are folded away unless something happened", () => {
    const items = timeline(journalOf.payBatch());
    expect(new Set(items.filter(({ secondary }) => secondary).map(({ kind }) => kind))).toEqual(new Set(["drive", "sample", "value"]));
    expect(items.filter(({ kind, secondary }) => kind === "drive" && !secondary)).toHaveLength(1);
  });

  test("with a clock, what lasts has its duration so far", () => {
    const entries = journalOf.payBatch({ until: "gate" });
    const openedAt = entries.find(({ kind }) => kind === "gate")?.at ?? "";
    const open = timeline(entries, { now: Date.parse(openedAt) + 90_000 }).find(({ kind }) => kind === "gate");
    expect(open).toMatchObject({ endedAt: null, durationMs: 90_000, waiting: true });
    expect(timeline(entries).find(({ kind }) => kind === "gate")?.durationMs).toBeNull();
  });

  test("an empty journal has no rows, and one entry has one", () => {
    expect(timeline([])).toEqual([]);
    expect(timeline(new JournalBuilder().add("run", "compensated", {}).entries)).toHaveLength(1);
  });
});
