import { describe, expect, it } from "vitest";
import { progressWords } from "./progress-words.ts";

describe("how far something is", () => {
  it("is told in figures that stand still, and as a share", () => {
    expect(progressWords({ done: 412, total: 1000, label: "payments" })).toEqual({ share: 0.412, done: "412", total: "1,000", sentence: "412 of 1,000 payments" });
  });

  it("is a count alone when nobody knows the total", () => {
    for (const total of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(progressWords({ done: 18_412, total, label: "lines" })).toEqual({ share: null, done: "18,412", total: null, sentence: "18,412 lines so far" });
    }
  });

  it("never leaves its bar, whatever the agent says", () => {
    expect(progressWords({ done: 12, total: 10 }).share).toBe(1);
    expect(progressWords({ done: -3, total: 10 }).share).toBe(0);
    expect(progressWords({ done: 12, total: 10 }).sentence).toBe("12 of 10");
  });

  it("cuts fractions, and says a label only when there is one", () => {
    expect(progressWords({ done: 99.99, total: 100, label: "  " }).sentence).toBe("99.9 of 100");
  });
});
