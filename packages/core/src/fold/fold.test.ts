import { describe, expect, test } from "vitest";
import { JournalBuilder } from "../testing/journal/builder.ts";
import { fold } from "./fold.ts";

const fingerprint = "f";
const effect = { effectId: "eff_1", key: "run_1//d0/wire/1" };
const failed = { ...effect, attempt: 1, error: { name: "Error", message: "503" }, retryInMs: 8_000 };
const intended = { ...effect, tool: "wire", request: {}, fingerprint, semantics: "IDEMPOTENT", dispatch: "INLINE" } as const;
const timer = { timerId: `${effect.key}/retry/1`, kind: "wake" };

describe("the delay of a retry policy", () => {
  const between = () => new JournalBuilder().add("effect", "intended", intended).add("effect", "attempt_failed", failed);
  const retryOf = (journal: JournalBuilder) => fold(journal.entries).steps.get(effect.key);

  test("is part of its effect until the next try begins", () => {
    const journal = between();
    const dueAt = new Date(Date.parse(journal.entries.at(-1)!.at) + 8_000).toISOString();
    expect(retryOf(journal)).toMatchObject({ attempts: 2, retry: { attempt: 1, error: failed.error, dueAt, timerId: null } });
    journal.add("timer", "armed", { ...timer, key: effect.key, fireAt: dueAt });
    expect(retryOf(journal)?.retry?.timerId).toBe(timer.timerId);
    expect(fold(journal.entries).armed.get(timer.timerId)).toBe("wake");
    journal.add("timer", "fired", timer);
    expect(retryOf(journal)).toMatchObject({ kind: "effect", outcome: null, status: "PENDING" });
    journal.add("effect", "resumed", { ...effect, attempt: 2 });
    expect(retryOf(journal)).toMatchObject({ attempts: 2, retry: null });
  });

  test.each([
    ["unknown", { ...effect, reason: "lost" }],
    ["confirmed", { ...effect, by: "driver", result: 1 }],
    ["failed", { ...effect, by: "driver", error: failed.error }],
  ] as const)("ends with %s", (verb, payload) => {
    expect(retryOf(between().add("effect", verb, payload as never))?.retry).toBeNull();
  });
});

describe("the budget", () => {
  const key = "run_1//d0/plan/1";
  const asked = { key, index: 1, name: "plan", model: "m", request: {}, fingerprint, attempt: 1 };
  const usage = { inputTokens: 10, outputTokens: 5, costMicroUsd: 40 };

  test("a reservation is its decision's until it is settled, however often it is asked", () => {
    const journal = new JournalBuilder().add("budget", "reserved", { key, microUsd: 30, tokens: 20 }).add("decision", "asked", asked).add("decision", "asked", { ...asked, attempt: 2 });
    expect(fold(journal.entries).budget.reservations.get(key)).toEqual({ microUsd: 30, tokens: 20 });
    journal.add("decision", "answered", { key, index: 1, response: 1, usage, durationMs: 1 }).add("budget", "settled", { key, microUsd: 40, tokens: 15 });
    const { budget } = fold(journal.entries);
    expect(budget.reservations.size).toBe(0);
    expect([budget.byName.get("plan"), budget.byModel.get("m")]).toEqual([{ microUsd: 40, tokens: 15 }, { microUsd: 40, tokens: 15 }]);
  });

  test("an answer that does not say what it cost, and a call that failed, tell nothing of the next", () => {
    const journal = new JournalBuilder().add("decision", "asked", asked).add("decision", "answered", { key, index: 1, response: 1, durationMs: 1 });
    journal.add("decision", "asked", { ...asked, key: "other" }).add("decision", "failed", { key: "other", index: 2, error: failed.error, durationMs: 1 });
    expect(fold(journal.entries).budget).toMatchObject({ byName: new Map(), byModel: new Map(), asked: new Map() });
  });
});
