import { describe, expect, test } from "vitest";
import { journalOf, worst } from "../../testing/index.ts";
import { sentenceFor } from "./index.ts";

describe("sentenceFor", () => {
  test("every verb of every kind, as it reads", () => {
    const sentences = journalOf.everyVerb().map((entry) => `${entry.kind}.${entry.verb}: ${sentenceFor(entry)}`);
    expect(`\n${sentences.join("\n")}\n`).toMatchSnapshot();
  });

  test.each(Object.entries(journalOf).filter(([name]) => name !== "large"))("journalOf.%s: plain, one line, not too long, not empty", (_name, make) => {
    for (const entry of (make as () => ReturnType<typeof journalOf.payBatch>)()) {
      const sentence = sentenceFor(entry);
      expect(sentence).not.toMatch(/[\u0000-\u001f\u202a-\u202e]|undefined|null|\[object|NaN/);
      expect(sentence.length).toBeGreaterThan(3);
      expect([...sentence].length).toBeLessThan(420);
    }
  });

  test("what came from outside is data: HTML stays text, right to left is isolated", () => {
    const sentences = journalOf.worst().map(sentenceFor).join("\n");
    expect(sentences).toContain("<img src=x onerror=");
    expect(sentences).toContain(`99,999,999,999,999.99 EUR to \u2068${worst.rightToLeft}\u2069`);
    expect(sentences).toContain("invoice 100");
  });
});
