import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { ENTRY_KINDS, entryPayloads, entrySchema } from "../entry/index.ts";
import { idOf } from "../ids.ts";
import { RUN_STATUSES } from "../machine/run.ts";
import * as wire from "../wire/index.ts";
import * as testing from "./index.ts";

const { journalOf } = testing;
const journals = Object.entries(journalOf).map(([name, make]) => [name, () => (name === "large" ? journalOf.large(2000) : (make as () => ReturnType<typeof journalOf.payBatch>)())] as const);

describe.each(journals)("journalOf.%s", (_name, make) => {
  test("parses, entry by entry", () => {
    for (const entry of make()) expect(entrySchema.safeParse(entry).error?.issues, `${entry.seq} ${entry.kind}.${entry.verb}`).toBeUndefined();
  });

  test("is gapless from 1, of one run, and never goes back in time", () => {
    const entries = make();
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, place) => place + 1));
    expect(new Set(entries.map(({ runId }) => runId)).size).toBe(1);
    expect(entries.map(({ at }) => at).toSorted()).toEqual(entries.map(({ at }) => at));
  });

  test("is the same every time", () => {
    expect(make()).toEqual(make());
  });
});

test("journalOf.everyVerb leaves nothing out", () => {
  const told = new Set(journalOf.everyVerb().map(({ kind, verb }) => `${kind}.${verb}`));
  expect([...told]).toEqual(ENTRY_KINDS.flatMap((kind) => Object.keys(entryPayloads[kind]).map((verb) => `${kind}.${verb}`)));
});

test.each(["started", "deciding", "gate", "paying", "unknown", "lost", "taken_over", "completed"] as const)("the batch can be cut off at %s", (until) => {
  const whole = journalOf.payBatch();
  const part = journalOf.payBatch({ until });
  expect(part.length).toBeGreaterThan(0);
  expect(whole.slice(0, part.length)).toEqual(part);
});

test("a batch may have no rows and many", () => {
  expect(journalOf.payBatch({ rows: 0 }).at(-1)).toMatchObject({ kind: "run", verb: "completed" });
  expect(journalOf.payBatch({ rows: 200 }).filter(({ kind, verb }) => kind === "effect" && verb === "confirmed")).toHaveLength(201);
  expect(testing.totalOf(testing.payments(5))).toEqual({ amount: "62242.22", currency: "EUR" });
});

type Make = () => unknown;
const factories: [string, z.ZodType, Record<string, Make>][] = [
  ["run", wire.run, testing.runFactory],
  ["gate", wire.gate, testing.gateFactory],
  ["effect", wire.effect, testing.effectFactory],
  ["obligation", wire.obligation, testing.obligationFactory],
  ["decision", wire.decision, testing.decisionFactory],
  ["timer", wire.timer, testing.timerFactory],
  ["value", wire.value, testing.valueFactory],
  ["agent", wire.agentInfo, testing.agentFactory],
  ["worker", wire.workerInfo, testing.workerFactory],
  ["me", wire.me, testing.meFactory],
  ["audit", wire.auditRecord, testing.auditFactory],
  ["token", wire.apiToken, testing.tokenFactory],
  ["status", wire.systemStatus, testing.statusFactory],
];

describe.each(factories)("%s factory", (_name, schema, states) => {
  test.each(Object.entries(states))("%s parses, exactly as it is, and is the same every time", (_state, make) => {
    expect(schema.parse(make())).toEqual(make());
    expect(make()).toEqual(make());
  });
});

describe("worst rows", () => {
  test.each([
    ["runs", wire.run, testing.worstRuns()],
    ["gates", wire.gate, testing.worstGates()],
    ["effects", wire.effect, testing.worstEffects()],
    ["obligations", wire.obligation, testing.worstObligations()],
  ] as const)("%s are five, parse, and have ids of their own", (_name, schema, rows) => {
    expect(rows).toHaveLength(5);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(5);
    for (const row of rows) expect(schema.safeParse(row).error?.issues).toBeUndefined();
  });

  test("hold what breaks screens: 200 characters, 14 digits, 40 fields, HTML, right-to-left", () => {
    expect(testing.worst.longName).toHaveLength(200);
    expect(testing.worst.money.amount.replace(/\D/g, "")).toHaveLength(16);
    expect(Object.keys(testing.worst.payload)).toHaveLength(40);
    const text = JSON.stringify([testing.worstRuns(), testing.worstGates(), testing.worstEffects()]);
    expect(text).toContain("<script>");
    expect(text).toContain(testing.worst.rightToLeft.slice(0, 4));
  });
});

describe("run factory", () => {
  test("has a run of every status", () => {
    expect(testing.runOfEveryStatus().map(({ status }) => status).toSorted()).toEqual([...RUN_STATUSES].toSorted());
  });

  test("says why whoever is not ended waits", () => {
    for (const run of testing.runOfEveryStatus()) {
      const hasEnded = ["COMPLETED", "FAILED", "CANCELLED", "COMPENSATED"].includes(run.status);
      expect(run.whyWaiting.length > 0, `${run.status} ${JSON.stringify(run.whyWaiting)}`).toBe(!hasEnded);
    }
  });

  test("takes overrides, and makes lists with valid ids", () => {
    expect(testing.runFactory.queued({ agent: "other" }).agent).toBe("other");
    const runs = testing.manyRuns(500);
    expect(runs.every(({ id }) => idOf("run").safeParse(id).success)).toBe(true);
    expect(runs.map(({ id }) => id)).toEqual(runs.map(({ id }) => id).toSorted().toReversed());
    expect(wire.runSummary.safeParse(runs[0]).success).toBe(true);
  });
});

test("a world agrees with its journal", () => {
  const { decisions, effects, gates, obligations, run } = testing.worldOf(journalOf.payBatch({ until: "unknown" }));
  expect(run).toMatchObject({ status: "WAITING", unsettled: 1, progress: { done: 2, total: 5 }, seq: 25 });
  expect(run.whyWaiting[0]?.code).toBe("effect_unsettled");
  expect(effects.map(({ status }) => status)).toEqual(["CONFIRMED", "CONFIRMED", "CONFIRMED", "UNKNOWN"]);
  expect(obligations.map(({ status }) => status)).toEqual(["REGISTERED", "REGISTERED"]);
  expect(gates[0]).toMatchObject({ status: "DECIDED", outcome: "approved", decisions: [{ outcome: "approved" }] });
  expect(decisions[0]?.rationale).toContain("All vendors are known");
});
