import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAmount, formatMicroUsd, formatMoney, isMoney } from "./money.ts";

describe("formatMoney", () => {
  test.each([
    ["1200.00", "EUR", "1,200.00 EUR"],
    ["1200", "EUR", "1,200.00 EUR"],
    ["0.5", "USD", "0.50 USD"],
    ["-1200.5", "usd", "-1,200.50 USD"],
    ["0", "EUR", "0.00 EUR"],
    ["000012", "EUR", "12.00 EUR"],
    ["99999999999999.99", "EUR", "99,999,999,999,999.99 EUR"],
    ["12345678901234", "JPY", "12,345,678,901,234 JPY"],
    ["1.234", "KWD", "1.234 KWD"],
    ["1.2", "KWD", "1.200 KWD"],
    ["1.005", "EUR", "1.005 EUR"],
    ["1200.0000", "EUR", "1,200.00 EUR"],
    ["+7.10", "EUR", "7.10 EUR"],
  ])("%s %s is %s", (amount, currency, words) => {
    expect(formatMoney({ amount, currency })).toBe(words);
  });

  test.each(["1,200.00", "1e6", "", "NaN", "twelve"])("an amount that is no decimal (%j) is shown as it came", (amount) => {
    expect(formatAmount(amount, "EUR")).toBe(amount);
  });

  test("no digit of any sum is lost or made up", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 0, max: 99 }), (whole, cents) => {
        const amount = `${whole}.${String(cents).padStart(2, "0")}`;
        expect(formatAmount(amount, "EUR").replaceAll(",", "")).toBe(amount);
      }),
    );
  });

  test("sums of one currency have their points in one column", () => {
    const ends = ["1", "22.5", "333333.10"].map((amount) => formatAmount(amount, "EUR").split(".")[1]?.length);
    expect(new Set(ends)).toEqual(new Set([2]));
  });
});

test("isMoney knows money by its shape", () => {
  expect(isMoney({ amount: "12.00", currency: "EUR" })).toBe(true);
  for (const other of [null, "12 EUR", { amount: 12, currency: "EUR" }, { amount: "12" }, { amount: "12", currency: "euros" }, { amount: "a", currency: "EUR" }]) {
    expect(isMoney(other)).toBe(false);
  }
});

test.each([
  [0, "0.00 USD"],
  [1, "under 0.0001 USD"],
  [4200, "0.0042 USD"],
  [16_056, "0.0161 USD"],
  [30_000, "0.03 USD"],
  [1_200_000, "1.20 USD"],
  [12_345_678_900, "12,345.6789 USD"],
])("%i millionths are %s", (microUsd, words) => {
  expect(formatMicroUsd(microUsd)).toBe(words);
});
