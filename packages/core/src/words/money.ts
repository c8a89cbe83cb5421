import { grouped } from "./text.ts";

/** Money on the wire: a decimal in a string, never a float, with its ISO 4217 code. */
export interface Money {
  amount: string;
  currency: string;
}

const DECIMAL = /^([+-]?)0*(\d+)(?:\.(\d+))?$/;
const CURRENCY = /^[A-Za-z]{3}$/;
/** ISO 4217 currencies whose smallest unit is not a hundredth. */
const NO_DECIMALS = new Set("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" "));
const THREE_DECIMALS = new Set("BHD IQD JOD KWD LYD OMR TND".split(" "));

/** How many digits a currency shows after the point. */
export function minorDigits(currency: string): number {
  const code = currency.toUpperCase();
  return NO_DECIMALS.has(code) ? 0 : THREE_DECIMALS.has(code) ? 3 : 2;
}

/**
 * `{ amount: "1200", currency: "EUR" }` → `1,200.00 EUR`. Works on digits only: a 14-digit sum stays exact, digits
 * beyond the currency's own are kept, nothing is rounded. An amount that is no decimal is shown as it came.
 */
export function formatMoney(money: Money): string {
  return `${formatAmount(money.amount, money.currency)} ${money.currency.toUpperCase()}`;
}

/** The figure alone, for a column whose head names the currency. */
export function formatAmount(amount: string, currency: string): string {
  const match = DECIMAL.exec(amount.trim());
  if (!match) return amount;
  const [, sign = "", whole = "0", fraction = ""] = match;
  const digits = minorDigits(currency);
  const places = fraction.replace(/0+$/, "").padEnd(digits, "0");
  return `${sign === "-" ? "-" : ""}${grouped(whole)}${places === "" ? "" : `.${places}`}`;
}

/** Is this `{ amount, currency }` as it travels? Other fields beside the two are allowed. */
export function isMoney(value: unknown): value is Money {
  if (typeof value !== "object" || value === null) return false;
  const { amount, currency } = value as Partial<Record<keyof Money, unknown>>;
  return typeof amount === "string" && typeof currency === "string" && DECIMAL.test(amount.trim()) && CURRENCY.test(currency);
}

/** Exact sums, one per currency, in the order the currencies first appear. What is no decimal is left out. */
export function sumMoney(amounts: readonly Money[]): (Money & { count: number })[] {
  const sums = new Map<string, { units: bigint; places: number; count: number }>();
  for (const { amount, currency } of amounts) {
    const match = DECIMAL.exec(amount.trim());
    if (!match) continue;
    const [, sign = "", whole = "0", fraction = ""] = match;
    const code = currency.toUpperCase();
    const sum = sums.get(code) ?? { units: 0n, places: 0, count: 0 };
    const places = Math.max(sum.places, fraction.length);
    const units = BigInt(whole + fraction) * 10n ** BigInt(places - fraction.length);
    sums.set(code, { units: sum.units * 10n ** BigInt(places - sum.places) + (sign === "-" ? -units : units), places, count: sum.count + 1 });
  }
  return [...sums].map(([currency, { units, places, count }]) => ({ amount: decimal(units, places), currency, count }));
}

function decimal(units: bigint, places: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return units < 0n ? `-${text}` : text;
}

/** The money an object speaks of: itself, or the first `{ amount, currency }` among its own fields, one level down. */
export function moneyIn(value: unknown): Money | null {
  if (isMoney(value)) return { amount: value.amount, currency: value.currency };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const found = Object.values(value).find(isMoney);
  return found ? { amount: found.amount, currency: found.currency } : null;
}

/** Millionths of a US dollar, as a model call costs: `0.0042 USD`, `1.20 USD`. Exact up to the fourth place. */
export function formatMicroUsd(microUsd: number): string {
  if (microUsd > 0 && microUsd < 100) return "under 0.0001 USD";
  const tenThousandths = Math.round(microUsd / 100);
  const text = `${Math.floor(tenThousandths / 10_000)}.${String(tenThousandths % 10_000).padStart(4, "0")}`;
  return `${grouped(text.replace(/(\.\d\d)(\d*?)0*$/, "$1$2"))} USD`;
}
