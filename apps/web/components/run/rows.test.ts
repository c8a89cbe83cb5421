import { emptyTimeline, extendTimeline } from "@tape/core";
import { journalOf } from "@tape/core/testing";
import { expect, it } from "vitest";
import { foldRows, withNewer } from "./rows.ts";

const { items } = extendTimeline(emptyTimeline(), journalOf.payBatch());

it("keeps every item once and in order, with gaps between", () => {
  const { rows, bars, count } = foldRows(items, Date.parse(items.at(-1)?.startedAt ?? ""));
  expect(rows.flatMap((row) => (row.type === "item" ? [row.index] : []))).toEqual(items.map((_, index) => index));
  expect(rows.some((row) => row.type === "gap" && row.gap.label.startsWith("waited 3 h"))).toBe(true);
  expect(bars).toHaveLength(items.length);
  expect(count).toBe(items.length);
});

it("puts what came since the last folding at the end", () => {
  const folded = foldRows(items.slice(0, 3), 0);
  expect(withNewer(folded, 5).slice(-2)).toEqual([{ type: "item", index: 3 }, { type: "item", index: 4 }]);
  expect(withNewer(folded, 3)).toBe(folded.rows);
});
