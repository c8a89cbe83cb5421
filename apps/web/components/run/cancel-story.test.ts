import { timeline } from "@tape/core";
import { JournalBuilder, journalOf, worldOf } from "@tape/core/testing";
import { describe, expect, it } from "vitest";
import { cancelStory } from "./cancel-story.ts";

const storyOf = (entries: ReturnType<typeof journalOf.payBatch>) => cancelStory(worldOf(entries).run, timeline(entries), entries);
const states = (entries: ReturnType<typeof journalOf.payBatch>) => storyOf(entries)?.steps.map(({ state, title, took }) => `${state}: ${title}${took === null ? "" : ` after ${took}`}`);

describe("the story of a cancellation", () => {
  it("C2 is requested, noticed, settled, with what each took and the step that is open", () => {
    expect(states(journalOf.cancelled({ until: "requested" }))).toEqual(["done: Requested by olga@acme.example", "open: Not noticed yet", "open: Not settled yet"]);
    expect(states(journalOf.cancelled({ until: "noticed" }))).toEqual(["done: Requested by olga@acme.example", "done: Noticed by worker 000B after 212 ms", "open: Not settled yet"]);
    expect(states(journalOf.cancelled())).toEqual(["done: Requested by olga@acme.example", "done: Noticed by worker 000B after 212 ms", "done: Settled after 255 ms"]);
  });

  it("names the tool that still runs, since when, and counts what nobody knows", () => {
    const noticed = storyOf(journalOf.cancelled({ until: "noticed" }));
    expect(noticed).toMatchObject({ running: [{ sentence: "Wire 18,500.50 EUR to Nordwind Logistik AG", since: expect.stringMatching(/^2026-11-24T/) }], unknown: 0 });
    expect(storyOf(journalOf.cancelled())).toMatchObject({ running: [], unknown: 1 });
  });

  it("says who will notice, and why", () => {
    const [requested, noticed] = storyOf(journalOf.cancelled({ until: "requested" }))?.steps ?? [];
    expect(requested?.detail).toBe("“Wrong file: this is yesterday's batch”");
    expect(noticed?.detail).toBe("Worker 000B does so at its next model or tool call.");
  });

  it("C1 skips what did not have to happen: nobody drove it, or its worker was gone", () => {
    const cancelled = { reason: "x", by: "user:ann@acme.example" };
    const waiting = JournalBuilder.after(journalOf.payBatch({ until: "gate" })).add("run", "cancelled", { ...cancelled, settled: true });
    expect(storyOf(waiting.entries)?.steps[1]).toMatchObject({ state: "skipped", detail: "No worker was driving the run." });
    const gone = JournalBuilder.after(journalOf.payBatch({ until: "paying" })).add("run", "cancelled", { ...cancelled, settled: false }).after(9000).add("run", "settled", { by: "recovery" });
    expect(storyOf(gone.entries)?.steps[1]).toMatchObject({ state: "skipped", detail: "Its worker was gone." });
  });

  it("is told of cancelled runs alone", () => {
    expect(storyOf(journalOf.payBatch())).toBeNull();
    expect(storyOf(journalOf.compensated())).toBeNull();
  });
});
