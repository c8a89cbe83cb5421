import { journalOf, worldOf } from "@tape/core/testing";
import { describe, expect, it } from "vitest";
import { acceptEntries, runView, startRunView, type RunNews } from "./run-view.ts";

const entries = journalOf.payBatch();
const { run } = worldOf(entries);
const seqs = (list: readonly { seq: number }[]) => list.map((entry) => entry.seq);

describe("acceptEntries", () => {
  it("keeps what follows and passes over what is known", () => {
    expect(seqs(acceptEntries(3, entries.slice(0, 6)).fresh)).toEqual([4, 5, 6]);
    expect(acceptEntries(6, entries.slice(0, 6))).toEqual({ fresh: [], gap: false });
  });

  it("stops at a hole and says so", () => {
    const holed = [...entries.slice(0, 4), ...entries.slice(5, 8)];
    expect(acceptEntries(0, holed)).toMatchObject({ gap: true });
    expect(seqs(acceptEntries(0, holed).fresh)).toEqual([1, 2, 3, 4]);
    expect(acceptEntries(0, entries.slice(2, 4))).toEqual({ fresh: [], gap: true });
  });
});

describe("runView", () => {
  it("comes to the same whether it was loaded at once or patched in any pages, some of them twice", () => {
    const whole = startRunView(run, entries);
    for (const size of [1, 2, 7, entries.length]) {
      let view = startRunView(run);
      for (let at = 0; at < entries.length; at += size) {
        const page: RunNews = { type: "entries", entries: entries.slice(Math.max(0, at - 2), at + size) };
        view = runView(runView(view, page), page);
      }
      expect(view).toEqual(whole);
    }
  });

  it("keeps a newer row when an older answer comes late, and takes a row that changed without an entry", () => {
    const view = startRunView(run);
    expect(runView(view, { type: "run", run: { ...run, seq: run.seq - 1, status: "RUNNING" } })).toBe(view);
    const moved = { ...run, progress: { done: 4, total: 5 } };
    expect(runView(view, { type: "run", run: moved }).run).toBe(moved);
  });

  it("is the same object when nothing is new", () => {
    const view = startRunView(run, entries);
    expect(runView(view, { type: "entries", entries: entries.slice(0, 3) })).toBe(view);
  });
});
