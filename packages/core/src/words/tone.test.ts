import { describe, expect, test } from "vitest";
import { EFFECT_STATUSES } from "../machine/effect.ts";
import { GATE_STATUSES } from "../machine/gate.ts";
import { RUN_STATUSES } from "../machine/run.ts";
import { EFFECT_WORDS, effectTone, GATE_OUTCOME_WORDS, GATE_WORDS, gateTone, gateWords, OBLIGATION_WORDS, RUN_WORDS, runStatusTone, runWords, TIMER_WORDS, TONES } from "./tone.ts";

const tables = { RUN_WORDS, EFFECT_WORDS, GATE_WORDS, GATE_OUTCOME_WORDS, OBLIGATION_WORDS, TIMER_WORDS };

test.each(Object.entries(tables))("%s: every state has one of the five tones, a word of its own and an icon", (_name, table) => {
  const words = Object.values(table);
  for (const { icon, tone, word } of words) {
    expect(TONES).toContain(tone);
    expect(word).toMatch(/^[a-z][a-z ]+$/);
    expect(icon).toMatch(/^[a-z0-9-]+$/);
  }
  expect(new Set(words.map(({ word }) => word)).size).toBe(words.length);
});

test("who is needed is told by the tone", () => {
  expect(RUN_STATUSES.filter((status) => runStatusTone(status) === "operator")).toEqual(["STUCK", "FAILED"]);
  expect(EFFECT_STATUSES.filter((status) => effectTone(status) === "operator")).toEqual(["FAILED", "UNKNOWN"]);
  expect(GATE_STATUSES.filter((status) => gateTone(status) === "person")).toEqual(["OPEN"]);
});

describe("a waiting run", () => {
  test.each([
    ["gate", "person"],
    ["effect_unsettled", "live"],
    ["effect_needs_person", "operator"],
    ["signal", "quiet"],
    ["sleep", "quiet"],
  ] as const)("for %s is %s", (code, tone) => {
    expect(runStatusTone("WAITING", [{ code }])).toBe(tone);
  });

  test("for several takes the most urgent", () => {
    expect(runWords("WAITING", [{ code: "sleep" }, { code: "gate" }, { code: "effect_needs_person" }]).tone).toBe("operator");
    expect(runWords("WAITING", [{ code: "sleep" }, { code: "gate" }]).word).toBe("waiting for a person");
  });

  test("that is not waiting does not look at the reasons", () => {
    expect(runStatusTone("COMPLETED", [{ code: "gate" }])).toBe("quiet");
  });
});

test("a decided gate says how", () => {
  expect(gateWords("DECIDED", "rejected").word).toBe("rejected");
  expect(gateWords("DECIDED").word).toBe("decided");
  expect(gateWords("CANCELLED", "cancelled").struck).toBe(true);
});
