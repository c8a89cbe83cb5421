import { describe, expect, test } from "vitest";
import { JournalBuilder } from "../../testing/journal/builder.ts";
import { timeline } from "../index.ts";

function claims(journal: JournalBuilder, owner: string, epoch: number, { previousOwner = null as string | null, version = "1" as string | null } = {}) {
  return journal.add("run", "claimed", { owner, epoch, version, taken: previousOwner === null ? "runnable" : "stale", previousOwner });
}

const drives = (journal: JournalBuilder) => timeline(journal.entries).filter(({ kind }) => kind === "drive");
const waits = [{ on: "signal", key: "k", name: "go" } as const];

describe("a drive", () => {
  test("without events is folded away", () => {
    const journal = claims(new JournalBuilder(), "a", 1).after(500).add("run", "parked", { waits });
    expect(drives(journal)).toMatchObject([{ secondary: true, status: "drove", sentence: "Driven by worker a", durationMs: 500, refs: { owner: "a" } }]);
  });

  test("is live until it ends", () => {
    expect(drives(claims(new JournalBuilder(), "a", 1))).toMatchObject([{ tone: "live", status: "driving", endedAt: null }]);
  });

  test("one after the other with nothing between is one row", () => {
    const journal = new JournalBuilder();
    for (let epoch = 1; epoch <= 4; epoch++) claims(journal.after(10), "a", epoch).after(5).add("run", "parked", { waits });
    expect(drives(journal)).toMatchObject([{ times: 4, sentence: "Driven 4 times, last by worker a", firstSeq: 1, lastSeq: 8 }]);
  });

  test("of another worker after a lost lease is something to know", () => {
    const journal = claims(new JournalBuilder(), "a", 1).after(12_000);
    const [lost, recovered] = drives(claims(journal, "b", 2, { previousOwner: "a" }));
    expect(lost).toMatchObject({ status: "lost its worker", secondary: true, waits: [{ why: "for another worker to take over" }] });
    expect(recovered).toMatchObject({ status: "recovered", secondary: false, sentence: "Recovered by worker b after worker a fell silent" });
  });

  test("with another version of the agent is something to know", () => {
    const journal = claims(new JournalBuilder(), "a", 1).add("run", "parked", { waits }).after(60_000);
    expect(drives(claims(journal, "a", 2, { version: "2" }))[1]).toMatchObject({ secondary: false, status: "new version", sentence: "Goes on with version 2 (was 1), driven by worker a" });
    expect(drives(claims(claims(new JournalBuilder(), "a", 1).add("run", "parked", { waits }), "a", 2, { version: null }))).toHaveLength(1);
  });

  test("handed back in order waits for a worker, quietly", () => {
    const journal = claims(new JournalBuilder(), "a", 1).after(10).add("run", "released", { reason: "stopping", dueAt: null });
    expect(drives(journal)).toMatchObject([{ secondary: true, waits: [{ to: null, why: "for a worker" }] }]);
    const [drive] = drives(claims(journal.after(300), "b", 2));
    expect(drive).toMatchObject({ times: 2, waits: [{ why: "for a worker" }] });
    expect(drive?.waits[0]?.to).toBe(journal.now);
  });

  test("that backs off says until when, where it happened", () => {
    const journal = claims(new JournalBuilder(), "a", 1).after(10);
    journal.add("run", "released", { reason: "backoff", dueAt: journal.in(30_000) });
    expect(timeline(journal.entries)).toMatchObject([{ kind: "drive", endedAt: journal.now }, { kind: "run", status: "backed off", sentence: "Backs off until 24 Nov 2026, 09:00:30 UTC" }]);
  });

  test("of which only the end is here is still a row", () => {
    expect(drives(new JournalBuilder().add("run", "parked", { waits }))).toMatchObject([{ sentence: "Driven by a worker", endedAt: expect.any(String) }]);
  });
});
