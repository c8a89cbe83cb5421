import { describe, expect, test } from "vitest";
import { gatesOf } from "../testing/world/gates.ts";
import { journalOf, JournalBuilder } from "../testing/index.ts";
import { emptyTimeline, escalatedFrom, extendTimeline, timeline } from "./index.ts";
import { isSameJson } from "./same-json.ts";

function opens(journal: JournalBuilder, gateId: string, name: string, payload: unknown): JournalBuilder {
  const shown = { payload, form: null, risk: null, display: null };
  return journal.add("gate", "opened", { gateId, name, key: gateId, occurrence: 1, ...shown, assignees: [], quorum: 1, fingerprint: name, deadlineAt: null });
}

const expires = (journal: JournalBuilder, gateId: string, name: string) => journal.add("gate", "timed_out", { gateId, name, decidedAt: journal.now });
const gate = (journal: JournalBuilder, gateId: string) => timeline(journal.entries).find(({ id }) => id === `gate:${gateId}`);

describe("escalation", () => {
  test("G3 a gate that expired and the next one with the same payload are a chain", () => {
    const items = timeline(journalOf.escalated()).filter(({ kind }) => kind === "gate");
    const [first, second] = items;
    expect(first).toMatchObject({ status: "timed out", sentence: "Nobody decided in time: Pay 5 vendors 62,242.22 EUR (went on to backup-approval)", chain: [] });
    expect(second?.chain).toEqual([{ itemId: first?.id, name: "cfo-approval", at: first?.endedAt }]);
  });

  test("of three, the last one tells them all", () => {
    const journal = opens(new JournalBuilder(), "g1", "lead", { sum: 1, of: ["a"] });
    opens(expires(journal.after(1000), "g1", "lead"), "g2", "cfo", { of: ["a"], sum: 1 });
    opens(expires(journal.after(1000), "g2", "cfo"), "g3", "board", { sum: 1, of: ["a"] });
    expect(gate(journal, "g3")?.chain.map(({ name }) => name)).toEqual(["lead", "cfo"]);
    expect(gate(journal, "g1")?.sentence).toContain("(went on to cfo)");
  });

  test("another payload, a payload of nothing, and a gate that was decided are none", () => {
    const other = opens(expires(opens(new JournalBuilder(), "g1", "first", { sum: 1 }), "g1", "first"), "g2", "second", { sum: 2 });
    expect(gate(other, "g2")?.chain).toEqual([]);
    const nothing = opens(expires(opens(new JournalBuilder(), "g1", "first", null), "g1", "first"), "g2", "second", null);
    expect(gate(nothing, "g2")?.chain).toEqual([]);
    const open = opens(opens(new JournalBuilder(), "g1", "first", { sum: 1 }), "g2", "second", { sum: 1 });
    expect(gate(open, "g2")?.chain).toEqual([]);
  });

  test("one that expired is taken over once", () => {
    const journal = opens(expires(opens(new JournalBuilder(), "g1", "first", { sum: 1 }), "g1", "first"), "g2", "second", { sum: 1 });
    opens(journal, "g3", "third", { sum: 1 });
    expect(gate(journal, "g2")?.chain).toHaveLength(1);
    expect(gate(journal, "g3")?.chain).toEqual([]);
  });

  test("comes out the same entry by entry", () => {
    const entries = journalOf.escalated();
    const state = entries.reduce((grown, entry) => extendTimeline(grown, [entry]), emptyTimeline());
    expect(state.items).toEqual(timeline(entries));
  });

  test("the card finds what expired before it among its run's gates", () => {
    const gates = gatesOf(journalOf.escalated());
    const [expired, backup] = gates;
    if (expired === undefined || backup === undefined) throw new Error("the story has two gates");
    expect(escalatedFrom(backup, gates)?.id).toBe(expired.id);
    expect(escalatedFrom(expired, gates)).toBeNull();
    expect(escalatedFrom({ ...backup, payload: { other: true } }, gates)).toBeNull();
    expect(escalatedFrom({ ...backup, openedAt: expired.openedAt }, gates)).toBeNull();
    expect(escalatedFrom({ ...backup, runId: "run_other" }, gates)).toBeNull();
  });
});

test.each([
  [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, false],
  [{ a: undefined }, { b: undefined }, false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  ["1", 1, false],
  [null, {}, false],
])("%j and %j are the same JSON: %s", (a, b, same) => {
  expect(isSameJson(a, b)).toBe(same);
  expect(isSameJson(b, a)).toBe(same);
});
