import { expect, test } from "vitest";
import { aWire } from "../bank/testing.ts";
import { wireId, type LedgerLine, type Wire } from "../bank/wire.ts";
import { compare, sayProof } from "./compare.ts";

const booked = (n: number): Wire => ({ id: wireId(n), key: `run_1//d1/wire/${n}`, bookedAt: "2026-05-01T08:00:00.000Z", ...aWire });
type Status = "PENDING" | "CONFIRMED" | "FAILED" | "UNKNOWN";
const effect = (n: number, status: Status = "CONFIRMED", request: unknown = aWire) => ({ id: `eff_${n}`, runId: "run_1", key: `run_1//d1/wire/${n}`, status, request, externalRef: status === "CONFIRMED" ? wireId(n) : null });
const taken = (id: number, n: number): LedgerLine => ({ ...booked(n), id: wireId(id), key: `run_1//d1/wire/${n}/undo/1`, reverses: wireId(n) });
const owed = (n: number, status: "REGISTERED" | "PENDING" | "COMPENSATED" | "STUCK" | "WAIVED" = "COMPENSATED") => ({ effectId: `eff_${n}`, status });
const held = (ledger: LedgerLine[], effects: ReturnType<typeof effect>[], after = ledger, obligations: ReturnType<typeof owed>[] = []) => compare({ before: ledger, after }, { effects, obligations });

test("equal: every confirmed wire once, nothing else; failed and unsent ones are not there", () => {
  expect(held([booked(1), booked(2)], [effect(1), effect(2, "CONFIRMED", { ...aWire, delayMs: 500 }), effect(3, "FAILED"), effect(4, "PENDING")])).toMatchObject({
    equal: true,
    booked: 2,
    confirmed: 2,
    reversed: 0,
    compensated: 0,
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

test("every reversal is of a wire that is undone, and the lines say so one by one", () => {
  const proof = held([booked(1), booked(2), taken(3, 2)], [effect(1), effect(2)], undefined, [owed(1, "REGISTERED"), owed(2)]);
  expect(proof).toMatchObject({ equal: true, booked: 2, confirmed: 2, reversed: 1, compensated: 1, returned: [{ amount: "1240.00", currency: "EUR" }] });
  expect(proof.lines.map(({ id, reverses, journal }) => [id, reverses, journal])).toEqual([
    ["BNK-000001", null, "confirmed"],
    ["BNK-000002", null, "confirmed"],
    ["BNK-000003", "BNK-000002", "undone"],
  ]);
  expect(sayProof(proof)).toBe("The ledger equals the journal: 2 wires, 2,480.00 EUR, each booked once and confirmed; 1 reversal, 1,240.00 EUR, each of a wire that is undone.");
});

test("a wire reversed and undone while both sides were read is no difference", () => {
  expect(held([booked(1)], [effect(1)], [booked(1), taken(2, 1)], [owed(1)]).equal).toBe(true);
});

test.each([
  ["not_reversed", [booked(1)], [owed(1)]],
  ["not_undone", [booked(1), taken(2, 1)], [owed(1, "REGISTERED")]],
  ["not_undone", [booked(1), taken(2, 1)], [owed(1, "WAIVED")]],
  ["not_undone", [booked(1), taken(2, 1)], []],
  ["unsettled", [booked(1), taken(2, 1)], [owed(1, "PENDING")]],
])("%s is found", (kind, ledger, obligations) => {
  const proof = held(ledger, [effect(1)], ledger, obligations);
  expect(proof.differences.map((difference) => difference.kind)).toEqual([kind]);
  expect(sayProof(proof)).toContain("differs from the journal in 1 place");
});
