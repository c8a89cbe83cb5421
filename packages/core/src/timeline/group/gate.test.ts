import { describe, expect, test } from "vitest";
import { JournalBuilder, type PayloadOf } from "../../testing/journal/builder.ts";
import { timeline } from "../index.ts";

const gate = { gateId: "gate_1", name: "cfo-approval" };

function opened(some: Partial<PayloadOf<"gate", "opened">> = {}): JournalBuilder {
  const shown = { payload: { total: { amount: "61240", currency: "EUR" } }, form: null, risk: null, display: null };
  return new JournalBuilder().add("gate", "opened", { ...gate, key: "k", occurrence: 1, ...shown, assignees: ["role:cfo"], quorum: 1, fingerprint: "f", deadlineAt: null, ...some });
}

const decided = (outcome: "approved" | "rejected", decidedAt: string, comment: string | null = null) => ({
  ...gate,
  outcome,
  values: null,
  comment,
  decidedBy: "user:chris@acme.example",
  decidedAt,
  fingerprint: "f",
});

describe("a gate", () => {
  test("open needs a person and is waited for", () => {
    expect(timeline(opened().entries)).toMatchObject([
      { id: "gate:gate_1", tone: "person", status: "open", waiting: true, sentence: "Asks role cfo: cfo-approval, 61,240.00 EUR", waits: [{ to: null, why: "for cfo-approval" }], refs: { gateId: "gate_1" } },
    ]);
  });

  test("speaks by its title when it brought one", () => {
    expect(timeline(opened({ display: { title: "Pay 5 vendors", fields: [] }, assignees: [] }).entries)[0]?.sentence).toBe("Asks any approver: Pay 5 vendors");
  });

  test("approved, delivered: one row, with the comment, as long as people took", () => {
    const journal = opened().after(60_000);
    journal.add("gate", "decided", decided("approved", journal.now, "Fine by me")).after(50).add("gate", "delivered", { ...gate, key: "k" });
    expect(timeline(journal.entries)).toMatchObject([
      { tone: "quiet", status: "approved", sentence: "chris@acme.example approved: cfo-approval, 61,240.00 EUR, “Fine by me”", durationMs: 60_000, firstSeq: 1, lastSeq: 3 },
    ]);
  });

  test("rejected looks different by icon and word, not by alarm", () => {
    const journal = opened().after(60_000);
    journal.add("gate", "decided", decided("rejected", journal.now, "  "));
    expect(timeline(journal.entries)).toMatchObject([{ tone: "quiet", status: "rejected", icon: "user-x", sentence: "chris@acme.example rejected: cfo-approval, 61,240.00 EUR" }]);
  });

  test("with a quorum counts approvals as they come", () => {
    const journal = opened({ quorum: 3 }).after(10).add("gate", "voted", { ...gate, outcome: "approved", by: "user:ann@acme.example", comment: "ok" });
    expect(timeline(journal.entries)).toMatchObject([{ sentence: "Asks role cfo: cfo-approval, 61,240.00 EUR (1 of 3 approvals)", notes: [{ sentence: "ann@acme.example voted to approve: “ok”" }] }]);
  });

  test("timed out, withdrawn with its run, or asked anew because its payload changed", () => {
    const timedOut = opened().after(10);
    timedOut.add("gate", "timed_out", { ...gate, decidedAt: timedOut.now });
    expect(timeline(timedOut.entries)).toMatchObject([{ status: "timed out", sentence: "Nobody decided in time: cfo-approval, 61,240.00 EUR" }]);
    const ended = opened().add("gate", "cancelled", { ...gate, reason: "run_ended" });
    expect(timeline(ended.entries)).toMatchObject([{ status: "cancelled", struck: true, sentence: "Withdrawn with the run: cfo-approval, 61,240.00 EUR" }]);
    const changed = opened().add("gate", "cancelled", { ...gate, reason: "payload_changed" });
    expect(timeline(changed.entries)[0]?.sentence).toBe("Withdrawn and asked anew: cfo-approval, 61,240.00 EUR");
  });

  test("extended says by whom and until when", () => {
    const journal = opened();
    journal.add("gate", "extended", { ...gate, deadlineAt: journal.in(3_600_000), by: "user:ann@acme.example", reason: "Chris is on a plane" });
    expect(timeline(journal.entries)[0]?.notes[0]?.sentence).toBe("ann@acme.example extended cfo-approval until 24 Nov 2026, 10:00:00 UTC: “Chris is on a plane”");
  });

  test("of which only the decision is here is told by its name", () => {
    const journal = new JournalBuilder();
    journal.add("gate", "decided", decided("approved", journal.now));
    expect(timeline(journal.entries)[0]?.sentence).toBe("chris@acme.example approved: cfo-approval");
  });
});
