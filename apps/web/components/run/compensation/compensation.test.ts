import { journalOf, worldOf } from "@tape/core/testing";
import { describe, expect, it } from "vitest";
import { itemsNow, walkedIn } from "./walk.ts";
import { leftUntil, sayDone, sayOwed, sayProgress, standingOf, stepWords, sumsOf, whyNotCompensate } from "./words.ts";

const before = worldOf(journalOf.payBatch()).plan;

describe("a plan followed by the journal", () => {
  it("O2 stands where the journal says, item by item, without being asked for again", () => {
    for (const until of ["asked", "walking", "compensated"] as const) {
      const entries = journalOf.compensated({ until });
      const now = itemsNow(before.items, walkedIn(entries)).map(({ obligation }) => obligation.status);
      expect(now).toEqual(worldOf(entries).plan.items.map(({ obligation }) => obligation.status));
    }
  });

  it("knows the attempt, the error and the next try", () => {
    const [, trying] = itemsNow(before.items, walkedIn(journalOf.compensated({ until: "walking" })));
    expect(trying?.obligation).toMatchObject({ status: "PENDING", attempts: 1, lastError: "the bank is closing its books", nextAttemptAt: expect.stringMatching(/^2026/) });
  });

  it("O5 goes from stuck to tried again to undone", () => {
    const entries = journalOf.unstuck();
    const upTo = (verb: string) => itemsNow(before.items, walkedIn(entries.slice(0, entries.findLastIndex((entry) => entry.kind === "obligation" && entry.verb === verb) + 1))).at(-1)?.obligation;
    expect(upTo("stuck")).toMatchObject({ status: "STUCK", nextAttemptAt: null });
    expect(upTo("retried")).toMatchObject({ status: "PENDING", attempts: 0, lastError: null, settledAt: null });
    expect(upTo("compensated")).toMatchObject({ status: "COMPENSATED", settledAt: expect.any(String) });
  });

  it("leaves what is not walked as the very same object", () => {
    expect(itemsNow(before.items, walkedIn(journalOf.payBatch()))[0]).toBe(before.items[0]);
  });
});

describe("the words of a compensation", () => {
  it("O8 name the count and the exact sums, by currency", () => {
    expect(sayOwed(before.items)).toBe("5 effects, 62,242.22 EUR");
    const [first, ...rest] = before.items;
    if (first === undefined) throw new Error("the plan has items");
    const mixed = [{ ...first, obligation: { ...first.obligation, amount: { amount: "1200", currency: "JPY" } } }, { ...first, obligation: { ...first.obligation, amount: null } }, ...rest];
    expect(sumsOf(mixed)).toEqual(["1,200 JPY", "61,977.62 EUR"]);
  });

  it("name what was done by its tools, and count when there are many", () => {
    expect(sayDone(before.items)).toBe("5\u00a0×\u00a0wire, 62,242.22 EUR");
    const tools = ["wire", "refund", "wire"].map((tool, n) => ({ ...before.items[n]!, effect: { ...before.items[n]!.effect, tool } }));
    expect(sayDone(tools)).toMatch(/^2\u00a0×\u00a0wire and 1\u00a0×\u00a0refund, /);
    expect(sayDone([...tools, { ...tools[0]!, effect: { ...tools[0]!.effect, tool: "mail" } }])).toMatch(/^4 effects, /);
  });

  it("count what is undone and what was waived", () => {
    const walking = worldOf(journalOf.compensated({ until: "walking" })).plan.items;
    expect(sayProgress(standingOf(walking), 5)).toBe("1 of 5 undone");
    const waived = walking.map((item, n) => (n === 1 ? { ...item, obligation: { ...item.obligation, status: "WAIVED" as const } } : item));
    expect(sayProgress(standingOf(waived), 5)).toBe("1 of 5 undone, 1 waived");
    expect(standingOf(waived).owed).toHaveLength(3);
  });

  it("say waiting only once the walk is on", () => {
    expect(stepWords({ status: "REGISTERED" }, "CANCELLED").word).toBe("can be undone");
    expect(stepWords({ status: "REGISTERED" }, "COMPENSATING").word).toBe("waiting");
    expect(stepWords({ status: "STUCK" }, "STUCK").tone).toBe("operator");
  });

  it("say until when it can be asked for, louder when little time is left", () => {
    const now = Date.parse("2026-11-24T10:00:00.000Z");
    expect(["2026-12-24T10:00:00.000Z", "2026-12-01T09:59:59.000Z", "2026-11-24T10:00:00.000Z"].map((at) => leftUntil(at, now))).toEqual(["enough", "little", "none"]);
  });

  it("say why not: the server's refusal first", () => {
    expect(whyNotCompensate({ refusal: "Cancel it first.", status: "RUNNING" }, 3)).toBe("Cancel it first.");
    expect(whyNotCompensate({ refusal: null, status: "COMPENSATING" }, 3)).toMatch(/already/);
    expect(whyNotCompensate({ refusal: null, status: "CANCELLED" }, 0)).toMatch(/nothing/);
    expect(whyNotCompensate({ refusal: null, status: "FAILED" }, 1)).toBeNull();
  });
});
