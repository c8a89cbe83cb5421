import { z } from "zod";

/** Currencies the demo's bank pays: all of them count in hundredths. */
export const CURRENCIES = ["EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "RON"] as const;
export type Currency = (typeof CURRENCIES)[number];
export const currency = z.enum(CURRENCIES, `must be one of ${CURRENCIES.join(", ")}`);

/** The largest amount in one place: 14 digits. */
export const MAX_CENTS = 99_999_999_999_999n;

/** Money as it travels: exactly two decimals, no sign, no separators, no leading zeros. */
export const money = z.strictObject({
  amount: z.string().regex(/^(0|[1-9]\d{0,11})\.\d{2}$/, 'must be written like "1200.00"'),
  currency,
});
export type Money = z.infer<typeof money>;

/** `{ amount: "1200.00" }` → `120000n`. Integers of cents, because a float cannot hold 0.10. */
export function toCents({ amount }: Money): bigint {
  return BigInt(amount.replace(".", ""));
}

/** `120000n` → `1200.00`. */
export function toMoney(cents: bigint, code: Currency): Money {
  if (cents < 0n) throw new RangeError("money in the demo is never negative");
  const digits = cents.toString().padStart(3, "0");
  return { amount: `${digits.slice(0, -2)}.${digits.slice(-2)}`, currency: code };
}

/** Sums by currency, in the order in which the currencies first appear. */
export function totals(amounts: Iterable<Money>): Money[] {
  const sums = new Map<Currency, bigint>();
  for (const each of amounts) sums.set(each.currency, (sums.get(each.currency) ?? 0n) + toCents(each));
  return [...sums].map(([code, cents]) => toMoney(cents, code));
}
