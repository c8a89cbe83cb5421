import { TapeError, type Gate, type Me } from "@tape/core";
import { describe, expect, it } from "vitest";
import { gateOf } from "../../fixtures/world/make.ts";
import { gateSum, gateTitle, keyMayDecide, refusalOf, whyNotMine } from "./words.ts";

const me = (role: Me["role"]): Me => ({ actor: "user:ann@acme.com", email: "ann@acme.com", name: "Ann", role });
const gate = (special: Partial<Gate> = {}) => gateOf({ runId: "run_1", ...special });

describe("what a card says", () => {
  it("takes the gate's own words, else its name and its figures", () => {
    expect(gateTitle(gate({ display: { title: "Pay 5", fields: [] } }))).toBe("Pay 5");
    expect(gateTitle(gate({ payload: { total: { amount: "12", currency: "EUR" } } }))).toBe("cfo-approval: 12.00 EUR");
    expect(gateTitle(gate())).toBe("cfo-approval");
  });

  it("finds the sum among the fields, exactly", () => {
    const payload = { sum: { amount: "48213990120755", currency: "JPY" } };
    expect(gateSum(gate({ payload, display: { title: "x", fields: [{ label: "Sum", path: "sum", as: "money" }] } }))).toBe("48,213,990,120,755 JPY");
    expect(gateSum(gate({ payload: { sum: "much" }, display: { title: "x", fields: [{ label: "Sum", path: "sum", as: "money" }] } }))).toBeNull();
  });
});

describe("who may decide", () => {
  it("asks for the role, then for the assignment", () => {
    expect(whyNotMine(gate(), me("viewer"))).toContain("role approver");
    expect(whyNotMine(gate(), me("approver"))).toBeNull();
    expect(whyNotMine(gate({ assignees: ["user:cfo@acme.com"] }), me("admin"))).toBe("It is for cfo@acme.com.");
    expect(whyNotMine(gate({ assignees: ["user:ann@acme.com"] }), me("approver"))).toBeNull();
    expect(whyNotMine(gate({ assignees: ["role:operator"] }), me("admin"))).toBeNull();
    expect(whyNotMine(gate({ assignees: ["role:operator"] }), me("approver"))).toContain("role operator");
  });

  it("lets nobody vote twice, nor on what is closed", () => {
    const mine = { by: "user:ann@acme.com", outcome: "approved" as const, at: "2026-11-24T10:00:00.000Z", comment: null };
    expect(whyNotMine(gate({ quorum: 2, decisions: [mine] }), me("admin"))).toContain("You have voted");
    expect(whyNotMine(gate({ status: "TIMED_OUT" }), me("admin"))).toBe("It is closed.");
  });
});

describe("keys that decide", () => {
  it("wait until the card has been there for 400 ms", () => {
    expect(keyMayDecide(1000, 1399)).toBe(false);
    expect(keyMayDecide(1000, 1400)).toBe(true);
  });
});

describe("refusalOf", () => {
  it("says who was first", () => {
    const error = new TapeError("already_decided", "no", { outcome: "rejected", by: "user:cfo@acme.com", at: "2026-11-24T10:42:13.000Z" });
    expect(refusalOf(error)).toEqual({ code: "already_decided", sentence: "Already rejected by cfo@acme.com, 24 Nov 2026, 10:42:13 UTC. Your decision was not counted." });
  });

  it("says that the words changed", () => {
    expect(refusalOf(new TapeError("fingerprint_mismatch", "no")).code).toBe("changed");
    expect(refusalOf(new Error("boom"))).toEqual({ code: "other", sentence: "boom" });
  });
});
