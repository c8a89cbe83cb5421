import { describe, expect, test } from "vitest";
import { JournalBuilder } from "../../testing/journal/builder.ts";
import { timeline } from "../index.ts";

const key = "run//d0/plan/1";

function asked(attempt = 1, journal = new JournalBuilder()): JournalBuilder {
  return journal.add("decision", "asked", { key, index: 1, name: "plan", model: "claude-sonnet-4-5", request: {}, fingerprint: "f", attempt });
}

const usage = { inputTokens: 3412, outputTokens: 388, costMicroUsd: 16_056 };

describe("a decision", () => {
  test("is one row from what was set aside for it to what it cost", () => {
    const journal = new JournalBuilder().add("budget", "reserved", { key, microUsd: 30_000, tokens: 6000 });
    asked(1, journal).after(4200).add("decision", "answered", { key, index: 1, response: {}, usage, rationale: "All are known.", durationMs: 4180 });
    journal.add("budget", "settled", { key, microUsd: 16_056, tokens: 3800 });
    expect(timeline(journal.entries)).toMatchObject([
      { id: `decision:${key}`, tone: "quiet", status: "decided", sentence: "Decided plan: All are known. · 3,800 tokens, 0.0161 USD", durationMs: 4180, firstSeq: 1, lastSeq: 4, key },
    ]);
  });

  test("is live while the model thinks", () => {
    expect(timeline(asked().entries)).toMatchObject([{ tone: "live", status: "deciding", sentence: "Deciding plan with claude-sonnet-4-5", endedAt: null }]);
  });

  test("without a rationale says which model, without usage no cost", () => {
    const journal = asked().add("decision", "answered", { key, index: 1, response: {}, durationMs: 10 });
    expect(timeline(journal.entries)[0]?.sentence).toBe("Decided plan with claude-sonnet-4-5");
  });

  test("asked again says that an answer was lost", () => {
    const journal = asked(2, asked().after(60_000));
    expect(timeline(journal.entries)).toMatchObject([{ attempts: 2, notes: [{ sentence: "The answer was lost with its worker, so the model was asked again" }] }]);
  });

  test("that failed says why", () => {
    const journal = asked().add("decision", "failed", { key, index: 1, error: { name: "Overloaded", message: "" }, durationMs: 10 });
    expect(timeline(journal.entries)).toMatchObject([{ tone: "operator", status: "failed", sentence: "Deciding plan failed: Overloaded" }]);
  });

  test("an answer that could not be stored is said", () => {
    const journal = asked().add("decision", "answered", { key, index: 1, response: null, durationMs: 10, notStorable: "3 MiB, at most 1 MiB" });
    expect(timeline(journal.entries)[0]?.notes).toMatchObject([{ tone: "operator", sentence: "The answer could not be stored: 3 MiB, at most 1 MiB" }]);
  });

  test("over budget is a row of its own", () => {
    const journal = asked().add("budget", "exceeded", { key, cap: { microUsd: 40_000 }, spent: { microUsd: 41_000, tokens: 900 } });
    expect(timeline(journal.entries)[1]).toMatchObject({ kind: "budget", tone: "operator", sentence: "Over budget: 900 tokens, 0.041 USD of 0.04 USD" });
  });
});
