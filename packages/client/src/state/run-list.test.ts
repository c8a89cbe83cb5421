import { manyRuns } from "@tape/core/testing";
import { describe, expect, it } from "vitest";
import { runList, startRunList, type RunList } from "./run-list.ts";

const all = manyRuns(30);
const page = (from: number, to: number, rows = all) => ({ rows: rows.slice(from, to), isFirst: from === 0, hasMore: to < rows.length });
const ids = (list: RunList) => list.rows.map((row) => row.id);

describe("runList", () => {
  it("changes rows where they stand and moves none", () => {
    const list = startRunList(page(0, 10));
    const changed = { ...all[4]!, status: "FAILED" as const, seq: all[4]!.seq + 1 };
    const next = runList(list, { type: "changed", upserts: [changed], removed: [] });
    expect(ids(next)).toEqual(ids(list));
    expect(next.rows[4]).toBe(changed);
    expect(next.arrived.size).toBe(0);
  });

  it("counts what is new and would be on this page, once", () => {
    const list = startRunList(page(5, 15, all));
    const newer = runList(list, { type: "changed", upserts: [all[0]!], removed: [] });
    expect(newer.arrived.size).toBe(0);
    const first = startRunList({ rows: all.slice(5, 15), isFirst: true, hasMore: true });
    const counted = runList(first, { type: "changed", upserts: [all[0]!, all[1]!, all[20]!], removed: [] });
    expect([...counted.arrived]).toEqual([all[0]!.id, all[1]!.id]);
    expect(runList(counted, { type: "changed", upserts: [all[0]!], removed: [] }).arrived.size).toBe(2);
    expect(ids(counted)).toEqual(ids(first));
  });

  it("keeps a row that no longer matches, dimmed, until it matches again", () => {
    const list = startRunList(page(0, 10));
    const gone = runList(list, { type: "changed", upserts: [], removed: [all[3]!.id, "run_elsewhere"] });
    expect(ids(gone)).toEqual(ids(list));
    expect([...gone.gone]).toEqual([all[3]!.id]);
    expect(runList(gone, { type: "changed", upserts: [all[3]!], removed: [] }).gone.size).toBe(0);
  });

  it("finds what it missed when the page is asked for again", () => {
    const list = startRunList({ rows: all.slice(2, 12), isFirst: true, hasMore: true });
    // Two came, one (all[6]) no longer matches; all[11] was pushed off the foot and still does.
    const again = [...all.slice(0, 6), ...all.slice(7, 11)];
    const next = runList(list, { type: "asked_again", rows: again });
    expect([...next.arrived]).toEqual([all[0]!.id, all[1]!.id]);
    expect([...next.gone]).toEqual([all[6]!.id]);
    expect(ids(next)).toEqual(ids(list));
  });

  it("forgets an arrival that has gone again", () => {
    const list = runList(startRunList({ rows: all.slice(2, 12), isFirst: true, hasMore: true }), { type: "changed", upserts: [all[0]!], removed: [] });
    expect(runList(list, { type: "changed", upserts: [], removed: [all[0]!.id] }).arrived.size).toBe(0);
  });

  it("does not go back to an older state of a row", () => {
    const list = startRunList(page(0, 3));
    expect(runList(list, { type: "changed", upserts: [{ ...all[1]!, seq: all[1]!.seq - 1, status: "FAILED" }], removed: [] }).rows[1]).toBe(all[1]);
  });
});
