import { describe, expect, test } from "vitest";
import { journalOf } from "../testing/index.ts";
import { layout, timeline } from "./index.ts";

const journals = Object.entries(journalOf)
  .filter(([name]) => name !== "large")
  .map(([name, make]) => [name, (make as typeof journalOf.payBatch)()] as const);

describe("layout", () => {
  test.each(journals)("of journalOf.%s: every bar lies within the view and begins no earlier than the one before", (_name, entries) => {
    const { rows } = layout(timeline(entries), { now: Date.parse(entries.at(-1)?.at ?? "") + 5000 });
    let before = 0;
    for (const { left, row, width } of rows) {
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left + width).toBeLessThanOrEqual(1 + 1e-9);
      if (row.type === "item") {
        expect(left).toBeGreaterThanOrEqual(before - 1e-9);
        before = left;
      }
    }
  });

  test("work fills the view, each gap takes its small share", () => {
    const { rows, shownMs } = layout(timeline(journalOf.payBatch()));
    const widthOf = (words: string) => rows.find(({ row }) => (row.type === "gap" ? row.label : row.item.sentence).includes(words))?.width ?? 0;
    expect(widthOf("Decided plan")).toBeGreaterThan(0.3);
    expect(widthOf("waited 3 h 12 m")).toBeCloseTo(0.04);
    expect(shownMs).toBeLessThan(15_000);
  });

  test("with very many gaps there is still room for work", () => {
    const { rows } = layout(timeline(journalOf.large(10_000)), { minMs: 1 });
    const gaps = rows.filter(({ row }) => row.type === "gap");
    expect(gaps.length).toBeGreaterThan(5);
    expect(gaps.reduce((sum, { width }) => sum + width, 0)).toBeLessThanOrEqual(0.4 + 1e-9);
  });

  test("a moment has no width, and nothing has no rows", () => {
    const { rows } = layout(timeline(journalOf.payBatch({ until: "started" })));
    expect(rows).toMatchObject([{ left: 0, width: 0 }]);
    expect(layout([])).toEqual({ rows: [], shownMs: 0 });
  });
});
