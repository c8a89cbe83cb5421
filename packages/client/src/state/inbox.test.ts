import { gateFactory } from "@tape/core/testing";
import type { Gate } from "@tape/core";
import { describe, expect, it } from "vitest";
import { inbox, startInbox } from "./inbox.ts";

const gate = (n: number, special: Partial<Gate> = {}) => gateFactory.open({ id: `gate_${n}`, openedAt: `2026-11-24T09:0${n}:00.000Z`, ...special });
const ids = (gates: readonly Gate[]) => gates.map(({ id }) => id);

describe("inbox", () => {
  it("puts what comes at the end, so that nothing under the eyes moves", () => {
    const state = inbox(startInbox([gate(2), gate(3)]), { type: "changed", upserts: [gate(1), gate(4)], removed: [], openCount: 4 });
    expect(ids(state.gates)).toEqual(["gate_2", "gate_3", "gate_1", "gate_4"]);
    expect(state.arrived).toEqual(["gate_1", "gate_4"]);
    expect(state.openCount).toBe(4);
  });

  it("keeps a decided gate in its place with its outcome, until it is tidied", () => {
    const decided = gate(1, { status: "DECIDED", outcome: "approved", decidedBy: "user:cfo@acme.com" });
    const state = inbox(startInbox([gate(1), gate(2)]), { type: "changed", upserts: [decided], removed: ["gate_1"], openCount: 1 });
    expect(state.gates[0]).toBe(decided);
    expect(state.closing.size).toBe(0);
    expect(ids(inbox(state, { type: "tidied" }).gates)).toEqual(["gate_2"]);
    expect(ids(inbox(state, { type: "tidied", keep: "gate_1" }).gates)).toEqual(["gate_1", "gate_2"]);
  });

  it("knows that a gate closed before it knows how", () => {
    const state = inbox(startInbox([gate(1)]), { type: "changed", upserts: [], removed: ["gate_1"], openCount: 0 });
    expect([...state.closing]).toEqual(["gate_1"]);
    const told = inbox(state, { type: "changed", upserts: [gate(1, { status: "TIMED_OUT", outcome: "timed_out" })], removed: [], openCount: 0 });
    expect(told.closing.size).toBe(0);
  });

  it("finds what it missed when it is asked for again", () => {
    const state = inbox(startInbox([gate(1), gate(2)]), { type: "loaded", gates: [gate(2), gate(3)], openCount: 2 });
    expect(ids(state.gates)).toEqual(["gate_1", "gate_2", "gate_3"]);
    expect([...state.closing]).toEqual(["gate_1"]);
  });

  it("never opens a closed gate again by an answer that came late", () => {
    const closed = inbox(startInbox([gate(1)]), { type: "changed", upserts: [gate(1, { status: "DECIDED", outcome: "rejected" })], removed: [], openCount: 0 });
    expect(inbox(closed, { type: "changed", upserts: [gate(1)], removed: [], openCount: 0 }).gates[0]?.status).toBe("DECIDED");
  });

  it("does not list what it never showed and is closed already", () => {
    expect(inbox(startInbox([]), { type: "changed", upserts: [gate(1, { status: "DECIDED" })], removed: [], openCount: 0 }).gates).toEqual([]);
  });
});
