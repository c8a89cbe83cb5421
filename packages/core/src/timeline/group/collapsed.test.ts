import { describe, expect, test } from "vitest";
import { JournalBuilder } from "../../testing/journal/builder.ts";
import { timeline } from "../index.ts";

const samples = (journal: JournalBuilder, name: string, times: number) => {
  for (let n = 0; n < times; n++) journal.after(1).add("run", "sampled", { key: `${name}/${n}`, name, fingerprint: "f", value: n });
  return journal;
};
const writes = (journal: JournalBuilder, valueKey: string, version: number) =>
  journal.after(1).add("value", "written", { key: `v/${version}`, fingerprint: "f", namespace: "limits", valueKey, version });
const cancelled = (journal: JournalBuilder) => journal.add("run", "cancelled", { reason: "r", by: "user:a", settled: true });

describe("samples", () => {
  test("in a row are one row, folded away", () => {
    const journal = samples(samples(new JournalBuilder(), "now", 2), "uuid", 1);
    expect(timeline(journal.entries)).toMatchObject([{ kind: "sample", secondary: true, times: 3, key: null, sentence: "Took now 2 times and uuid from outside", firstSeq: 1, lastSeq: 3 }]);
  });

  test("with something between are two", () => {
    const journal = samples(cancelled(samples(new JournalBuilder(), "now", 1)), "now", 1);
    expect(timeline(journal.entries).map(({ kind }) => kind)).toEqual(["sample", "run", "sample"]);
  });

  test("10,000 in a row stay cheap, whatever they are called", () => {
    const journal = samples(samples(new JournalBuilder(), "__proto__", 5000), "constructor", 5000);
    const [item] = timeline(journal.entries);
    expect(item).toMatchObject({ times: 10_000, seqs: [{ first: 1, last: 10_000 }], sentence: "Took __proto__ 5,000 times and constructor 5,000 times from outside" });
  });

  test("one that threw says why", () => {
    const journal = new JournalBuilder().add("run", "sampled", { key: "k", name: "rates", fingerprint: "f", value: null, error: { name: "E", message: "no network" } });
    expect(timeline(journal.entries)[0]?.sentence).toBe("Taking rates failed: no network");
  });

  test("what the code did to others has a row of its own, which is no bookkeeping", () => {
    const journal = samples(samples(samples(new JournalBuilder(), "now", 2), "cancelRun", 2), "getRun", 1);
    expect(timeline(journal.entries).map(({ sentence, times, secondary }) => ({ sentence, times, secondary }))).toEqual([
      { sentence: "Took now 2 times from outside", times: 2, secondary: true },
      { sentence: "Had a run cancelled", times: 1, secondary: false },
      { sentence: "Had a run cancelled", times: 1, secondary: false },
      { sentence: "Took getRun from outside, the same on every drive", times: 1, secondary: true },
    ]);
  });
});

describe("values", () => {
  test("of one key, written in a row, are one row", () => {
    const journal = writes(writes(new JournalBuilder(), "daily", 3), "daily", 4);
    expect(timeline(journal.entries)).toMatchObject([{ kind: "value", times: 2, secondary: false, sentence: "Wrote daily in limits, version 4, 2 times since version 3" }]);
  });

  test("of another key, or another verb, are another row", () => {
    const journal = writes(writes(new JournalBuilder(), "daily", 3), "weekly", 1);
    journal.add("value", "read", { key: "r", fingerprint: "f", namespace: "limits", valueKey: "weekly", version: 1, value: 5 });
    expect(timeline(journal.entries).map(({ secondary, sentence }) => [secondary, sentence])).toEqual([
      [false, "Wrote daily in limits, version 3"],
      [false, "Wrote weekly in limits, version 1"],
      [true, "Read weekly in limits, version 1"],
    ]);
  });

  test("deleted are struck", () => {
    const journal = new JournalBuilder().add("value", "deleted", { key: "d", fingerprint: "f", namespace: "limits", valueKey: "daily", version: 5 });
    expect(timeline(journal.entries)).toMatchObject([{ struck: true, sentence: "Deleted daily in limits, version 5" }]);
  });
});
