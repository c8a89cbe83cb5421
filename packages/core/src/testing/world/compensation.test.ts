import { describe, expect, test } from "vitest";
import { compensationPlan } from "../../wire/compensation.ts";
import { journalOf } from "../journal/index.ts";
import { compensationOf } from "./compensation.ts";

describe("the plan of a story", () => {
  test("lists what would be undone, newest first, with its sums", () => {
    const plan = compensationOf(journalOf.payBatch());
    expect(compensationPlan.safeParse(plan).error?.issues).toBeUndefined();
    expect(plan.refusal).toBeNull();
    expect(plan.items[0]?.obligation.summary).toBe("Recall 264.60 EUR from Kawasaki Parts Europe B.V.");
    expect(plan.totals).toEqual([{ amount: "62242.22", currency: "EUR", count: 5 }]);
  });

  test("leaves out of the sums what is undone already", () => {
    const walking = compensationOf(journalOf.compensated({ until: "walking" }));
    expect(walking).toMatchObject({ status: "COMPENSATING", refusal: null, totals: [{ amount: "61977.62", count: 4 }] });
    expect(walking.items.map(({ obligation }) => obligation.status)).toEqual(["COMPENSATED", "PENDING", "REGISTERED", "REGISTERED", "REGISTERED"]);
  });

  test("says what holds the walk", () => {
    expect(compensationOf(journalOf.cancelled({ until: "noticed" }))).toMatchObject({ drivenBy: expect.stringContaining("wrk_"), unsettled: [{ status: "PENDING", tool: "wire" }] });
    expect(compensationOf(journalOf.cancelled())).toMatchObject({ drivenBy: null, unsettled: [{ status: "UNKNOWN", tool: "wire" }] });
  });

  test.each([
    ["live", journalOf.payBatch({ until: "gate" }), /has not ended/],
    ["stuck", journalOf.compensated({ stuckAt: 2 }), /given up/],
    ["compensated", journalOf.unstuck(), /undone already/],
    ["without an inverse", journalOf.retrying(), /nothing to undo/],
  ] as const)("of a run that is %s is refused in words", (_name, entries, words) => {
    expect(compensationOf(entries).refusal).toMatch(words);
  });
});
