import { describe, expect, test } from "vitest";
import { JournalBuilder, type PayloadOf } from "../../testing/journal/builder.ts";
import { timeline } from "../index.ts";

const step = { effectId: "eff_1", key: "run//d1/wire/1" };
const error = { name: "BankRefused", message: "insufficient funds" };

function intended(some: Partial<PayloadOf<"effect", "intended">> = {}): JournalBuilder {
  const request = { amount: { amount: "12400.00", currency: "EUR" }, to: "Acme GmbH" };
  return new JournalBuilder().add("effect", "intended", { ...step, tool: "wire", request, fingerprint: "f", semantics: "IDEMPOTENT", dispatch: "INLINE", ...some });
}

function only(journal: JournalBuilder) {
  const [item, ...others] = timeline(journal.entries);
  expect(others).toEqual([]);
  if (item === undefined) throw new Error("no row");
  return item;
}

const summary = "Wire 12,400.00 EUR to Acme GmbH";

describe("an effect", () => {
  test("without words of its own is told by its tool and figures", () => {
    expect(only(intended())).toMatchObject({ tone: "live", status: "running", sentence: "wire: 12,400.00 EUR to Acme GmbH", endedAt: null, durationMs: null });
  });

  test("confirmed says what it did, how long it took, and where it is", () => {
    const item = only(intended({ summary, gateId: "gate_1" }).after(312).add("effect", "confirmed", { ...step, by: "driver", result: {}, summary: "Wired 12,400.00 EUR to Acme GmbH", durationMs: 300 }));
    expect(item).toMatchObject({ id: "effect:eff_1", tone: "quiet", status: "confirmed", sentence: "Wired 12,400.00 EUR to Acme GmbH", durationMs: 300, key: step.key, refs: { effectId: "eff_1", gateId: "gate_1" }, attempts: 1 });
  });

  test("confirmed without words adds the figures of its result", () => {
    const journal = intended({ tool: "search", request: { query: "open invoices" } }).add("effect", "confirmed", { ...step, by: "driver", result: { rows: [1, 2] } });
    expect(only(journal).sentence).toBe("search: open invoices → 2 rows");
  });

  test("failed says why, and is not struck unless it was cancelled", () => {
    expect(only(intended({ summary }).add("effect", "failed", { ...step, by: "driver", error }))).toMatchObject({
      tone: "operator",
      sentence: "Wire 12,400.00 EUR to Acme GmbH failed: insufficient funds",
      struck: false,
    });
    expect(only(intended({ summary }).add("effect", "failed", { ...step, by: "driver", reason: "cancelled", error }))).toMatchObject({
      tone: "quiet",
      status: "not done",
      struck: true,
      sentence: "Wire 12,400.00 EUR to Acme GmbH: not done, the run was cancelled",
    });
  });

  test("retried by its policy counts attempts and the waits between them", () => {
    const journal = intended().after(100).add("effect", "attempt_failed", { ...step, attempt: 1, error, retryInMs: 2000 });
    expect(only(journal)).toMatchObject({ attempts: 2, tone: "live", notes: [{ sentence: "Attempt 1 failed: insufficient funds; tried again after 2.0 s" }] });
    const item = only(journal.after(1500).add("effect", "confirmed", { ...step, by: "driver", result: {}, durationMs: 20 }));
    expect(item).toMatchObject({ attempts: 2, durationMs: 1600 });
    expect(item.waits.map(({ to }) => to)).toEqual([item.endedAt]);
  });

  test("unknown waits for its outcome until somebody settles it", () => {
    const journal = intended({ summary }).after(2000).add("effect", "unknown", { ...step, reason: "connection closed" });
    expect(only(journal)).toMatchObject({ tone: "operator", status: "unknown", waiting: true, endedAt: null, sentence: `${summary}: no acknowledgement, it may have happened` });
    const settled = only(journal.after(500).add("effect", "confirmed", { ...step, by: "person", actor: "user:olga@acme.example", reason: "seen on the statement", result: null }));
    expect(settled).toMatchObject({ tone: "quiet", waiting: false, durationMs: 2500 });
    expect(settled.notes.at(-1)?.sentence).toContain("on the word of olga@acme.example (“seen on the statement”)");
  });

  test("asked after in vain many times keeps one line of it", () => {
    const journal = intended().add("effect", "unknown", { ...step, reason: "closed" });
    for (let checks = 1; checks <= 50; checks++) journal.after(1000).add("effect", "observed", { ...step, observation: "inconclusive", checks, nextCheckAt: journal.in(1000) });
    expect(only(journal).notes).toHaveLength(2);
    const last = only(journal.after(1000).add("effect", "observed", { ...step, observation: "inconclusive", checks: 51, nextCheckAt: null }));
    expect(last).toMatchObject({ status: "needs a person", tone: "operator", notes: { length: 2 } });
  });

  test("absent at the counterparty needs a person, until a person has it sent again", () => {
    const journal = intended().add("effect", "unknown", { ...step, reason: "closed" }).add("effect", "observed", { ...step, observation: "absent", checks: 1, nextCheckAt: null });
    expect(only(journal).status).toBe("needs a person");
    expect(only(journal.add("effect", "retried", { ...step, by: "person", actor: "user:o@a", reason: "never arrived" }))).toMatchObject({ status: "running", attempts: 2, waiting: false });
  });

  test("a contradicting late outcome stays in sight, a late failure is a note", () => {
    const journal = intended().add("effect", "confirmed", { ...step, by: "late", result: null }).add("effect", "late_failure", { ...step, error });
    expect(only(journal)).toMatchObject({ status: "confirmed", tone: "quiet" });
    const item = only(journal.add("effect", "conflict", { ...step, outcome: "failed", result: null, standing: "CONFIRMED", by: "late" }));
    expect(item).toMatchObject({ status: "conflict", tone: "operator" });
    expect(item.notes.map(({ tone }) => tone)).toEqual(["quiet", "quiet", "operator"]);
  });

  test("a result that could not be stored is said", () => {
    const item = only(intended().add("effect", "confirmed", { ...step, by: "driver", result: null, notStorable: "2 MiB, at most 1 MiB" }));
    expect(item.notes).toMatchObject([{ tone: "operator", sentence: "The result could not be stored: 2 MiB, at most 1 MiB" }]);
  });

  test("notes have an end: the first and the newest stay", () => {
    const journal = intended();
    for (let attempt = 1; attempt <= 100; attempt++) journal.after(10).add("effect", "attempt_failed", { ...step, attempt, error, retryInMs: 1 });
    const { attempts, notes } = only(journal);
    expect(notes).toHaveLength(24);
    expect(attempts).toBe(101);
    expect([notes[0]?.sentence, notes.at(-1)?.sentence]).toEqual([expect.stringContaining("Attempt 1 "), expect.stringContaining("Attempt 100 ")]);
  });

  test("whose intent is not here is still a row", () => {
    expect(only(new JournalBuilder().add("effect", "confirmed", { ...step, by: "driver", result: null })).sentence).toBe("an effect");
  });
});
