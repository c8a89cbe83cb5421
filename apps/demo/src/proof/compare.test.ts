import { expect, test } from "vitest";
import { aWire } from "../bank/testing.ts";
import { wireId, type Wire } from "../bank/wire.ts";
import { compare } from "./compare.ts";

const booked = (n: number): Wire => ({ id: wireId(n), key: `run_1//d1/wire/${n}`, bookedAt: "2026-05-01T08:00:00.000Z", ...aWire });
type Status = "PENDING" | "CONFIRMED" | "FAILED" | "UNKNOWN";
const effect = (n: number, status: Status = "CONFIRMED", request: unknown = aWire) => ({ runId: "run_1", key: `run_1//d1/wire/${n}`, status, request, externalRef: status === "CONFIRMED" ? wireId(n) : null });
const held = (ledger: Wire[], effects: ReturnType<typeof effect>[], after = ledger) => compare({ before: ledger, after }, effects);

test("equal: every confirmed wire once, nothing else; failed and unsent ones are not there", () => {
  expect(held([booked(1), booked(2)], [effect(1), effect(2, "CONFIRMED", { ...aWire, delayMs: 500 }), effect(3, "FAILED"), effect(4, "PENDING")])).toEqual({
    equal: true,
    booked: 2,
    confirmed: 2,
    totals: [{ amount: "2480.00", currency: "EUR" }],
    differences: [],
  });
  expect(held([], []).equal).toBe(true);
});

test("a wire booked and confirmed while both sides were read is no difference", () => {
  expect(held([booked(1)], [effect(1), effect(2)], [booked(1), booked(2)]).equal).toBe(true);
});

test.each([
  ["not_in_ledger", [booked(1)], [effect(1), effect(2)]],
  ["not_in_journal", [booked(1), booked(2)], [effect(1)]],
  ["not_confirmed", [booked(1)], [effect(1, "FAILED")]],
  ["unsettled", [booked(1)], [effect(1, "UNKNOWN")]],
  ["unsettled", [booked(1)], [effect(1, "PENDING")]],
  ["other_content", [booked(1)], [effect(1, "CONFIRMED", { ...aWire, amount: { amount: "1240.01", currency: "EUR" } })]],
  ["other_content", [booked(1)], [effect(1, "CONFIRMED", { something: "else" })]],
  ["other_reference", [booked(1)], [{ ...effect(1), externalRef: wireId(7) }]],
])("%s is found, one line each", (kind, ledger, effects) => {
  const proof = held(ledger, effects);
  expect(proof.equal).toBe(false);
  expect(proof.differences.map((difference) => difference.kind)).toEqual([kind]);
});
