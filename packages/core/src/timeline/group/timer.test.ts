import { describe, expect, test } from "vitest";
import { JournalBuilder } from "../../testing/journal/builder.ts";
import { timeline } from "../index.ts";

const sleep = { timerId: "timer_1", kind: "wake" };
const custom = { timerId: "timer_2", kind: "soft-deadline" };

function arms(journal: JournalBuilder, which: typeof sleep, ms: number): JournalBuilder {
  return journal.add("timer", "armed", { ...which, key: "k", fireAt: journal.in(ms) });
}

describe("a timer", () => {
  test("the delay before a tool's next try is bookkeeping: its tool says that it waits", () => {
    const delay = { timerId: "run_1//d0/wire/1/retry/2", kind: "wake" };
    const journal = new JournalBuilder().add("timer", "armed", { ...delay, fireAt: new JournalBuilder().in(60_000) });
    expect(timeline(journal.entries)).toMatchObject([{ secondary: true, waits: [], sentence: expect.stringMatching(/^Waits until .* before the next try$/) }]);
    journal.after(60_000).add("timer", "fired", delay);
    expect(timeline(journal.entries)).toMatchObject([{ secondary: true, sentence: "Waited before the next try" }]);
  });

  test("a sleep is waited for, then over", () => {
    const journal = arms(new JournalBuilder(), sleep, 3_600_000);
    expect(timeline(journal.entries)).toMatchObject([{ kind: "timer", status: "sleeping", icon: "moon", waiting: true, sentence: "Sleeps until 24 Nov 2026, 10:00:00 UTC" }]);
    journal.after(3_600_000).add("timer", "fired", sleep).after(50).add("timer", "delivered", { timerId: sleep.timerId, key: "k" });
    expect(timeline(journal.entries)).toMatchObject([{ status: "slept", waiting: false, sentence: "Slept 1 h", durationMs: 3_600_000, waits: [{ why: "for a sleep to end" }] }]);
  });

  test("a sleep cut short is struck", () => {
    expect(timeline(arms(new JournalBuilder(), sleep, 1000).add("timer", "cancelled", sleep).entries)).toMatchObject([{ struck: true, sentence: "Sleep cut short" }]);
  });

  test("one that arms itself again is one row that counts", () => {
    const journal = arms(new JournalBuilder(), custom, 1000);
    for (let n = 0; n < 3; n++) arms(journal.after(1000).add("timer", "fired", custom), custom, 1000);
    expect(timeline(journal.entries)).toMatchObject([{ times: 3, status: "armed", waiting: false, sentence: "Timer soft-deadline set again for 24 Nov 2026, 09:00:04 UTC, fired 3 times" }]);
  });

  test("whose handler keeps throwing says so, and that it was given up", () => {
    const journal = arms(new JournalBuilder(), custom, 1000);
    journal.after(1000).add("timer", "attempt_failed", { ...custom, attempt: 1, error: "no such account", nextAttemptAt: journal.in(1000) });
    expect(timeline(journal.entries)).toMatchObject([{ attempts: 2, notes: [{ sentence: "Timer soft-deadline: attempt 1 failed: no such account; tried again at 24 Nov 2026, 09:00:02 UTC" }] }]);
    journal.after(9000).add("timer", "fired", { ...custom, lastError: "no such account" });
    expect(timeline(journal.entries)).toMatchObject([{ tone: "operator", status: "gave up", sentence: "Timer soft-deadline given up: no such account" }]);
  });

  test("deadlines of gates and signals are folded away", () => {
    const journal = arms(new JournalBuilder(), { timerId: "timer_3", kind: "gate_timeout" }, 1000);
    expect(timeline(journal.entries)).toMatchObject([{ secondary: true }]);
  });

  test("says who set it, who set it again and who cancelled it", () => {
    const by = (actor: string) => ({ ...custom, fireAt: journal.in(60_000), by: actor });
    const journal = new JournalBuilder();
    journal.add("timer", "armed", by("sdk:treasury"));
    expect(timeline(journal.entries)[0]?.sentence).toBe("Timer soft-deadline set for 24 Nov 2026, 09:01:00 UTC by app treasury");
    journal.after(5000).add("timer", "armed", by("user:olga@acme.example"));
    expect(timeline(journal.entries)[0]?.sentence).toBe("Timer soft-deadline set again for 24 Nov 2026, 09:01:05 UTC by olga@acme.example");
    journal.add("timer", "cancelled", { ...custom, by: "user:olga@acme.example" });
    expect(timeline(journal.entries)[0]).toMatchObject({ struck: true, sentence: "Timer soft-deadline cancelled by olga@acme.example" });
  });

  test("that its run took with it names nobody", () => {
    const journal = arms(new JournalBuilder(), custom, 1000).add("timer", "cancelled", custom);
    expect(timeline(journal.entries)[0]?.sentence).toBe("Timer soft-deadline cancelled");
  });
});
