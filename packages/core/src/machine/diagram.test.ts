import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { diagramOf, withDiagrams } from "./diagram.ts";
import { gateMachine } from "./gate.ts";

const pages = ["../../README.md", "../../../store/README.md"];

describe("diagrams", () => {
  test("a machine is drawn row by row, births first and ends last", () => {
    expect(diagramOf(gateMachine)).toBe(
      [
        "stateDiagram-v2",
        "  direction LR",
        "  [*] --> OPEN: open, the agent asks",
        "  OPEN --> DECIDED: decide, the last vote its quorum needs",
        "  OPEN --> TIMED_OUT: time_out, its deadline",
        "  OPEN --> CANCELLED: cancel, its run ended, or the payload changed",
        "  DECIDED --> [*]",
        "  TIMED_OUT --> [*]",
        "  CANCELLED --> [*]",
      ].join("\n"),
    );
  });

  test("a condition is said only on the edge it speaks of", () => {
    const drawn = withDiagrams("<!-- machine:run --><!-- /machine -->");
    expect(drawn).toContain("STUCK --> CANCELLED: cancel, a person, not by compensation");
    expect(drawn).toContain("WAITING --> CANCELLED: cancel, a person\n");
  });

  test("what is around the markers stays, and an unknown machine is an error", () => {
    expect(withDiagrams("before <!-- machine:gate -->stale<!-- /machine --> after")).toMatch(/^before <!-- machine:gate -->\n```mermaid[\s\S]+```\n<!-- \/machine --> after$/);
    expect(() => withDiagrams("<!-- machine:rnu --><!-- /machine -->")).toThrow("no machine is called rnu");
  });

  test.each(pages)("%s shows the machines as they are: `npm run diagrams` in packages/core when this fails", (page) => {
    const markdown = readFileSync(new URL(page, import.meta.url), "utf8");
    expect(markdown).toContain("<!-- machine:run -->");
    expect(withDiagrams(markdown)).toBe(markdown);
  });

  test("no label holds a character that ends it", () => {
    const labels = readFileSync(new URL(pages[0] ?? "", import.meta.url), "utf8").matchAll(/-->.*?: (.*)/g);
    for (const [line, label] of labels) expect(label, line).not.toMatch(/[:;]/);
  });
});
