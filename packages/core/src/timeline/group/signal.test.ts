import { describe, expect, test } from "vitest";
import { JournalBuilder } from "../../testing/journal/builder.ts";
import { timeline } from "../index.ts";

const awaited = (journal: JournalBuilder, key = "k1", name = "go") => journal.add("signal", "awaited", { key, name, deadlineAt: null });
const received = (journal: JournalBuilder, signalId = "sig_1", name = "go") => journal.add("signal", "received", { signalId, name, payload: { id: 7 }, by: "user:pat@acme.example" });
const rows = (journal: JournalBuilder) => timeline(journal.entries);

describe("a signal", () => {
  test("awaited is waited for", () => {
    expect(rows(awaited(new JournalBuilder()))).toMatchObject([{ tone: "quiet", status: "waiting", waiting: true, sentence: "Waits for signal “go”", waits: [{ to: null, why: "for signal “go”" }] }]);
  });

  test("that comes while it is awaited ends the wait, in one row", () => {
    const journal = received(awaited(new JournalBuilder()).after(5000)).after(20).add("signal", "delivered", { key: "k1", signalId: "sig_1", name: "go" });
    expect(rows(journal)).toMatchObject([{ status: "received", waiting: false, durationMs: 5000, sentence: "Signal “go” from pat@acme.example: id 7", refs: { signalId: "sig_1" }, lastSeq: 3 }]);
  });

  test("that came before is its own row, and the wait that found it is folded away", () => {
    const journal = awaited(received(new JournalBuilder()).after(100)).add("signal", "delivered", { key: "k1", signalId: "sig_1", name: "go" });
    expect(rows(journal).map(({ secondary, sentence }) => [secondary, sentence])).toEqual([
      [false, "Signal “go” from pat@acme.example: id 7"],
      [true, "Got signal “go”, which had come before"],
    ]);
  });

  test("goes to the oldest wait of its name, and of no other name", () => {
    const journal = awaited(awaited(awaited(new JournalBuilder(), "k0", "stop"), "k1"), "k2");
    received(received(journal.after(10), "sig_1").after(10), "sig_2");
    expect(rows(journal).map(({ key, refs, waiting }) => [key, refs.signalId, waiting])).toEqual([
      ["k0", undefined, true],
      ["k1", "sig_1", false],
      ["k2", "sig_2", false],
    ]);
  });

  test("that never came says so", () => {
    const journal = awaited(new JournalBuilder()).after(60_000).add("signal", "timed_out", { key: "k1", name: "go" }).add("signal", "timeout_delivered", { key: "k1", name: "go" });
    expect(rows(journal)).toMatchObject([{ status: "timed out", sentence: "No signal “go” came in time", durationMs: 60_000, secondary: false }]);
    expect(rows(received(journal, "sig_9"))).toHaveLength(2);
  });

  test("sent to another run leads to it", () => {
    const journal = new JournalBuilder().add("signal", "sent", { key: "k", fingerprint: "f", toRunId: "run_2", name: "go", signalId: "sig_3" });
    expect(rows(journal)).toMatchObject([{ status: "sent", sentence: "Sent signal “go” to another run", refs: { runId: "run_2", signalId: "sig_3" } }]);
  });
});
