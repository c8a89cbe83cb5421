import type { ValueChange } from "@tape/core";
import { describe, expect, it } from "vitest";
import { acceptChange, startValueView, valueView } from "./value-view.ts";

const change = (version: number, value: unknown, special: Partial<ValueChange> = {}): ValueChange => ({
  namespace: "runs/run_1",
  key: "progress",
  value,
  version,
  writer: "run:run_1",
  at: `2026-11-24T09:00:0${version}.000Z`,
  deleted: false,
  prevVersion: version - 1,
  prevValue: null,
  skipped: 0,
  ...special,
});

describe("valueView", () => {
  it("follows writes, a delete and a write after it", () => {
    const all = [change(1, "a"), change(2, null), change(3, null, { deleted: true }), change(4, "b")];
    const views = all.map((_, n) => all.slice(0, n + 1).reduce((view, one) => valueView(view, { type: "changed", change: one }), startValueView()));
    expect(views.map(({ value, version }) => [version, value && value.value])).toEqual([[1, "a"], [2, null], [3, null], [4, "b"]]);
    expect(views.map(({ value }) => value !== null)).toEqual([true, true, false, true]);
  });

  it("never goes back: what led to the present version changes nothing, nor does the same news twice", () => {
    const { prevVersion: _, prevValue: __, skipped: ___, ...row } = change(7, { done: 7, total: 9 });
    const view = startValueView(row);
    expect(view).toMatchObject({ version: 7, value: row });
    for (const version of [3, 7]) expect(valueView(view, { type: "changed", change: change(version, "old") })).toBe(view);
    expect(valueView(view, { type: "current", current: null })).toBe(view);
  });

  it("counts what history had forgotten", () => {
    const view = valueView(startValueView(), { type: "changed", change: change(9, "x", { skipped: 8 }) });
    expect(valueView(view, { type: "changed", change: change(10, "y") })).toMatchObject({ version: 10, skipped: 8 });
  });
});

describe("acceptChange", () => {
  it("takes what follows, passes over what is known, and sees a hole that nobody speaks of", () => {
    expect(acceptChange(0, { version: 1, skipped: 0 })).toEqual({ isNew: true, gap: false });
    expect(acceptChange(4, { version: 4, skipped: 0 })).toEqual({ isNew: false, gap: false });
    expect(acceptChange(4, { version: 9, skipped: 4 })).toEqual({ isNew: true, gap: false });
    expect(acceptChange(4, { version: 6, skipped: 0 })).toEqual({ isNew: false, gap: true });
  });
});
