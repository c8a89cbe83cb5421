import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_CENTS, toCents, toMoney, totals } from "../money/cents.ts";
import { parseAmount } from "./amount.ts";

test.each([
  ["1200", 120_000n],
  ["1200.5", 120_050n],
  ["1200.50", 120_050n],
  ["1200,50", 120_050n],
  ["1,200.50", 120_050n],
  ["1.200,50", 120_050n],
  ["1 200,50", 120_050n],
  ["1\u00a0200,50", 120_050n],
  ["1'200.50", 120_050n],
  ["1’200", 120_000n],
  ["12,345,678.90", 1_234_567_890n],
  ["0.01", 1n],
  ["007.10", 710n],
  [" 3.20 ", 320n],
  ["999999999999.99", MAX_CENTS],
])("%s is read exactly", (text, cents) => expect(parseAmount(text)).toEqual({ cents }));

test.each([
  ["", "is empty"],
  ["0", "more than zero"],
  ["0.00", "more than zero"],
  ["-5.00", "more than zero"],
  ["(5.00)", "more than zero"],
  ["1.001", "two ways"],
  ["1,200", "two ways"],
  ["1200.001", "more than two decimals"],
  ["€ 5", "the currency has its own column"],
  ["1e3", "like 1200.00"],
  ["12O0", "like 1200.00"],
  ["١٢", "like 1200.00"],
  ["1,20,000.00", "is no amount"],
  ["1.2.3", "is no amount"],
  ["1,2,3", "is no amount"],
  ["1 2 3", "space in the wrong place"],
  ["12 345 67", "space in the wrong place"],
  [".50", "is no amount"],
  ["5.", "is no amount"],
  ["1000000000000.00", "too large"],
])("“%s” is refused, and says why", (text, reason) => {
  expect(parseAmount(text)).toEqual({ problem: expect.stringContaining(reason) });
});

const anyCents = fc.bigInt({ min: 1n, max: MAX_CENTS });
const grouped = (digits: string, mark: string) => digits.replace(/\B(?=(\d{3})+$)/g, mark);

test("an amount written in any of the accepted ways comes back to the cent", () => {
  fc.assert(
    fc.property(anyCents, fc.constantFrom(["", "."], ["", ","], [",", "."], [".", ","], [" ", ","], ["'", "."], ["\u202f", ","]), (cents, [group = "", point = ""]) => {
      const [whole = "", fraction = ""] = toMoney(cents, "EUR").amount.split(".");
      expect(parseAmount(`${grouped(whole, group)}${point}${fraction}`)).toEqual({ cents });
    }),
  );
});

test("whatever is accepted has exactly the digits that were written", () => {
  const figures = fc.string({ unit: fc.constantFrom(..."0123456789.,' "), maxLength: 14 });
  fc.assert(
    fc.property(figures, (text) => {
      const parsed = parseAmount(text);
      if ("problem" in parsed) return;
      const digits = BigInt(text.replace(/\D/g, ""));
      expect([digits, digits * 10n, digits * 100n]).toContain(parsed.cents);
      const decimals = /[.,](\d+)$/.exec(text.trim())?.[1];
      if (decimals?.length === 2) expect(parsed.cents).toBe(digits);
    }),
    { numRuns: 5000 },
  );
});

test("money goes to cents and back, and sums are exact where floats are not", () => {
  fc.assert(fc.property(anyCents, (cents) => void expect(toCents(toMoney(cents, "EUR"))).toBe(cents)));
  expect(totals(Array.from({ length: 10_000 }, () => toMoney(10n, "EUR")))).toEqual([{ amount: "1000.00", currency: "EUR" }]);
  expect(totals([toMoney(MAX_CENTS, "EUR"), toMoney(1n, "USD"), toMoney(1n, "EUR")])).toEqual([
    { amount: "1000000000000.00", currency: "EUR" },
    { amount: "0.01", currency: "USD" },
  ]);
});
