import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { journalOf, JournalBuilder } from "../testing/index.ts";
import { foldWaits, timeline, type Gap, type TimelineRow } from "./index.ts";
import { foldedGaps } from "./fold-waits.ts";
import { viewOf } from "./idle.ts";

const gapsOf = (rows: readonly TimelineRow[]) => rows.filter((row): row is Gap => row.type === "gap");
const labels = (rows: readonly TimelineRow[]) => gapsOf(rows).map(({ label }) => label);
const told = (rows: readonly TimelineRow[]) => rows.map((row) => (row.type === "gap" ? `~ ${row.label}` : row.item.kind));

/** A run that works for `workMs`, waits at a gate for each of `waitsMs`, and works again. */
function waiting(workMs: number, waitsMs: readonly number[], { open = false } = {}) {
  const journal = new JournalBuilder();
  const works = (n: number) => {
    const step = { effectId: journal.id("eff"), key: `k${n}` };
    journal.add("effect", "intended", { ...step, tool: "work", request: null, fingerprint: "f", semantics: "IDEMPOTENT", dispatch: "INLINE" });
    journal.after(workMs).add("effect", "confirmed", { ...step, by: "driver", result: null });
  };
  works(0);
  for (const [n, waitMs] of waitsMs.entries()) {
    const gate = { gateId: journal.id("gate"), name: `gate-${n + 1}` };
    const shown = { payload: null, form: null, risk: null, display: null, assignees: [], quorum: 1, fingerprint: "f", deadlineAt: null };
    journal.add("gate", "opened", { ...gate, key: `g${n}`, occurrence: 1, ...shown });
    if (open && n === waitsMs.length - 1) break;
    journal.after(waitMs).add("gate", "decided", { ...gate, outcome: "approved", values: null, comment: null, decidedBy: "user:a", decidedAt: journal.now, fingerprint: "f" });
    works(n + 1);
  }
  return timeline(journal.entries);
}

describe("foldWaits", () => {
  test("a long wait becomes a labelled gap after the row that waited", () => {
    expect(told(foldWaits(waiting(1000, [3 * 3_600_000 + 12 * 60_000])))).toEqual(["effect", "gate", "~ waited 3 h 12 m for gate-1", "effect"]);
  });

  test("a wait of a tenth of the view or less is drawn as it is", () => {
    expect(labels(foldWaits(waiting(45_000, [10_000])))).toEqual([]);
    expect(labels(foldWaits(waiting(45_000, [10_001])))).toEqual(["waited 10 s for gate-1"]);
    expect(labels(foldWaits(waiting(45_000, [10_000]), { fraction: 0.05 }))).toEqual(["waited 10 s for gate-1"]);
  });

  test("a short wait is not folded however little else there is", () => {
    expect(labels(foldWaits(waiting(1, [999])))).toEqual([]);
    expect(labels(foldWaits(waiting(1, [999]), { minMs: 500 }))).toEqual(["waited 999 ms for gate-1"]);
  });

  test("twenty equal waits are folded although none is a tenth of the whole", () => {
    expect(gapsOf(foldWaits(waiting(1000, Array<number>(20).fill(60_000))))).toHaveLength(20);
  });

  test("once the longest is folded, a shorter one counts by what is left", () => {
    expect(labels(foldWaits(waiting(10_000, [3_600_000, 30_000, 1500])))).toEqual(["waited 1 h for gate-1", "waited 30 s for gate-2"]);
  });

  test("work is never folded, whatever waits beside it", () => {
    expect(labels(foldWaits(waiting(3_600_000, [1000])))).toEqual([]);
  });

  test("a wait that still lasts is a gap only when told what time it is", () => {
    const items = waiting(1000, [0], { open: true });
    const openedMs = Date.parse(items.at(-1)?.startedAt ?? "");
    expect(labels(foldWaits(items))).toEqual([]);
    const [gap] = gapsOf(foldWaits(items, { now: openedMs + 90_000 }));
    expect(gap).toMatchObject({ label: "waiting 1 m 30 s for gate-1", isOpen: true, toMs: openedMs + 90_000 });
  });

  test("time after a run has ended is not waiting", () => {
    const items = timeline(journalOf.payBatch());
    expect(foldWaits(items, { now: Date.parse("2027-01-01T00:00:00Z") })).toEqual(foldWaits(items));
  });

  test("a back-off that reaches into the future ends with the view", () => {
    const items = timeline(journalOf.retrying().slice(0, 4));
    const last = Math.max(...items.flatMap(({ notes, startedAt }) => [startedAt, ...notes.map(({ at }) => at)]).map(Date.parse));
    for (const now of [undefined, last + 400]) {
      for (const gap of gapsOf(foldWaits(items, { now, minMs: 1, fraction: 0 }))) expect(gap.toMs).toBeLessThanOrEqual(now ?? last);
    }
  });

  test("nothing has no rows", () => {
    expect(foldWaits([])).toEqual([]);
    expect(foldWaits([], { now: 0 })).toEqual([]);
  });
});

describe("the gaps of real runs", () => {
  test.each([
    ["payBatch", ["waited 3 h 12 m for cfo-approval", "waited 3.1 s for the outcome of wire", "waited 11 s for another worker to take over"]],
    ["sleeping", ["waited 3 d for a sleep to end"]],
    ["signalled", ["waited 17 m for signal “packed”", "waited 1 m for signal “picked-up”"]],
    ["retrying", ["waited 3.0 s before trying again", "waited 30 s before going on"]],
    ["rejected", ["waited 26 m for cfo-approval"]],
    ["escalated", ["waited 8 h for cfo-approval", "waited 31 m for backup-approval"]],
  ] as const)("%s", (name, expected) => {
    const entries = name === "sleeping" ? journalOf.sleeping({ over: true }) : journalOf[name]();
    expect(labels(foldWaits(timeline(entries)))).toEqual(expected);
  });

  test("a run that nobody takes waits for a worker", () => {
    const items = timeline(journalOf.payBatch({ until: "started" }));
    expect(labels(foldWaits(items, { now: Date.parse(items[0]?.startedAt ?? "") + 300_000 }))).toEqual(["waiting 5 m for a worker"]);
  });

  test("a finished run rests until compensation is asked for, and a stuck one waits for an operator", () => {
    const entries = journalOf.compensated({ stuckAt: 1 });
    const now = Date.parse(entries.at(-1)?.at ?? "") + 3_600_000;
    expect(labels(foldWaits(timeline(entries), { now }))).toEqual(
      expect.arrayContaining(["waited 20 m before compensation was asked for", "waited 30 s before trying to undo again", "waiting 1 h for an operator"]),
    );
  });

  test("votes between do not cut a wait in two", () => {
    const entries = journalOf.escalated();
    const now = Date.parse(entries.at(-1)?.at ?? "") + 60_000;
    expect(labels(foldWaits(timeline(entries), { now })).at(-1)).toBe("waiting 32 m for backup-approval");
  });

  test("a filter hides rows, not gaps", () => {
    const items = timeline(journalOf.payBatch());
    const effects = foldWaits(items, { visible: ({ kind }) => kind === "effect" });
    expect(labels(effects)).toEqual(labels(foldWaits(items)));
    expect(effects.filter(({ type }) => type === "item")).toHaveLength(6);
  });
});

test("gaps never overlap, lie within the view, and rows keep their order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 12 }), (workMs, waitsMs) => {
      const items = waiting(workMs, waitsMs);
      const gaps = foldedGaps(viewOf(items, null));
      for (const [place, gap] of gaps.entries()) {
        expect(gap.toMs).toBeGreaterThan(gap.fromMs);
        expect(gap.fromMs).toBeGreaterThanOrEqual(gaps[place - 1]?.toMs ?? 0);
      }
      const shown = foldWaits(items).flatMap((row) => (row.type === "item" ? [row.item] : []));
      expect(shown).toEqual(items);
    }),
    { numRuns: 100 },
  );
});
