import { describe, expect, test } from "vitest";
import { journalOf } from "../../testing/index.ts";
import { JournalBuilder } from "../../testing/journal/builder.ts";
import { timeline } from "../index.ts";

const runRows = (journal: JournalBuilder) => timeline(journal.entries).filter(({ kind }) => kind === "run");
const by = "user:olga@acme.example";

describe("a milestone", () => {
  test("cancelled is told truthfully: requested, noticed, settled", () => {
    const journal = new JournalBuilder().add("run", "cancelled", { reason: "wrong file", by, settled: false });
    expect(runRows(journal)).toMatchObject([{ tone: "live", status: "cancelling", endedAt: null }]);
    journal.after(200).add("run", "cancel_noticed", { owner: "a" });
    expect(runRows(journal)).toMatchObject([{ status: "cancelling", notes: [{ sentence: "Worker a noticed the cancellation" }] }]);
    journal.after(40).add("run", "settled", { by: "a" });
    expect(runRows(journal)).toMatchObject([{ tone: "quiet", status: "cancelled", durationMs: 240, sentence: "Cancelled by olga@acme.example: “wrong file”", notes: { length: 2 } }]);
  });

  test("a cancellation ends with the last driver also when compensation was asked for before it had left", () => {
    const journal = new JournalBuilder().add("run", "cancelled", { reason: "wrong file", by, settled: false });
    journal.after(100).add("run", "compensating", { by, reason: "all of it" });
    expect(runRows(journal)[0]).toMatchObject({ status: "cancelling", endedAt: null });
    journal.after(100).add("run", "settled", { by: "a" });
    expect(runRows(journal)).toMatchObject([{ tone: "quiet", status: "cancelled", durationMs: 200 }, { status: "compensating" }]);
  });

  test("cancelled while nobody drove is settled at once", () => {
    expect(runRows(new JournalBuilder().add("run", "cancelled", { reason: "wrong file", by, settled: true }))).toMatchObject([{ tone: "quiet", status: "cancelled" }]);
  });

  test("stuck needs an operator until somebody deals with it", () => {
    const journal = new JournalBuilder().add("run", "stuck", { reason: { code: "poison", message: "", redrives: 5 } });
    expect(runRows(journal)).toMatchObject([{ tone: "operator", status: "stuck", waiting: true, endedAt: null, sentence: "Stuck: driven 5 times without getting on" }]);
    journal.after(1000).add("run", "redriven", { by, reason: "more memory" });
    expect(runRows(journal)).toMatchObject([
      { tone: "quiet", status: "stuck", waiting: false },
      { tone: "quiet", status: "driven again", sentence: "Driven again by olga@acme.example: “more memory”" },
    ]);
  });

  test("failed needs an operator until compensation is asked for", () => {
    const journal = new JournalBuilder().add("run", "failed", { error: { name: "GateRejected", message: "rejected by Chris" } });
    expect(runRows(journal)).toMatchObject([{ tone: "operator", sentence: "Failed: rejected by Chris" }]);
    journal.after(1000).add("run", "compensating", { by, reason: "undo it" });
    expect(runRows(journal).map(({ tone }) => tone)).toEqual(["quiet", "undone"]);
  });

  test("a settlement without a cancellation is folded away", () => {
    expect(runRows(new JournalBuilder().add("run", "settled", { by: "a" }))).toMatchObject([{ secondary: true }]);
  });

  test("nothing is open once a run has ended well", () => {
    for (const item of timeline(journalOf.payBatch())) {
      expect(item.endedAt, item.sentence).not.toBeNull();
      expect(item.waits.every(({ to }) => to !== null), item.sentence).toBe(true);
    }
  });

  test("the completion tells the figures of the output", () => {
    expect(runRows(new JournalBuilder().add("run", "completed", { output: { rows: [1, 2, 3] } }))).toMatchObject([{ sentence: "Completed with 3 rows", icon: "flag" }]);
  });

  test("a child run is a row that leads to it", () => {
    const journal = new JournalBuilder().add("run", "child", { key: "k", fingerprint: "f", runId: "run_2", agent: "screen-vendor", resumed: true });
    expect(timeline(journal.entries)).toMatchObject([{ kind: "child", sentence: "Joined screen-vendor as a run of its own", refs: { runId: "run_2" } }]);
  });

  test("a compensation lasts until the last thing is undone, and its row says who walks it", () => {
    const journal = new JournalBuilder().add("run", "compensating", { by, reason: "duplicate" });
    const row = () => runRows(journal)[0];
    expect(row()).toMatchObject({ tone: "undone", status: "compensating", endedAt: null, waits: [{ to: null, why: "for a worker" }] });
    journal.after(50).add("run", "walk_claimed", { owner: "a", epoch: 2, previousOwner: null });
    expect(row()?.waits).toEqual([{ from: expect.any(String), to: journal.now, why: "for a worker" }]);
    journal.after(50).add("run", "walk_released", { reason: "compensator_missing" });
    expect(row()?.waits.at(-1)).toEqual({ from: journal.now, to: null, why: "for a worker that has the compensator" });
    journal.after(900).add("run", "walk_claimed", { owner: "b", epoch: 3, previousOwner: null }).after(100).add("run", "compensated", {});
    expect(row()).toMatchObject({ status: "compensation", durationMs: 1100, notes: { length: 3 } });
    expect(row()?.waits.every(({ to }) => to !== null)).toBe(true);
  });

  test("stuck by compensation is dealt with when a person settles what gave up, not when another obligation ends", () => {
    const entries = journalOf.compensated({ stuckAt: 2 });
    const stuck = (journal: JournalBuilder) => timeline(journal.entries).find(({ kind, status }) => kind === "run" && status === "stuck");
    const [last, first] = entries.filter((entry) => entry.kind === "obligation").map((entry) => entry.payload).reverse();
    expect(stuck(JournalBuilder.after(entries))).toMatchObject({ tone: "operator", waiting: true });
    const other = JournalBuilder.after(entries).add("obligation", "waived", { effectId: "eff_other", obligationId: "obl_other", by, reason: "x" });
    expect(stuck(other)).toMatchObject({ waiting: true });
    const mine = JournalBuilder.after(entries);
    mine.after(1000).add("obligation", "waived", { effectId: last?.effectId ?? "", obligationId: last?.obligationId ?? "", by, reason: "x" });
    expect(first?.obligationId).toBe(last?.obligationId);
    expect(stuck(mine)).toMatchObject({ tone: "quiet", waiting: false });
    const asked = timeline(mine.entries).find(({ status }) => status === "compensating");
    expect(asked?.waits.at(-1)).toEqual({ from: mine.now, to: null, why: "for a worker" });
  });

  test("settled by recovery says that its worker was gone", () => {
    const journal = new JournalBuilder().add("run", "cancelled", { reason: "wrong file", by, settled: false }).add("run", "settled", { by: "recovery" });
    expect(runRows(journal)[0]?.notes[0]?.sentence).toBe("Settled by recovery: its worker was gone");
  });
});
