import fc from "fast-check";
import { composeIBAN } from "ibantools";
import { CURRENCIES, MAX_CENTS, toMoney } from "../money/cents.ts";
import type { Payment } from "./payment.ts";

/** A valid German IBAN for any number: the bank code is one number, the account another. */
export function ibanOf(account: number): string {
  const iban = composeIBAN({ countryCode: "DE", bban: `37040044${String(account % 10_000_000_000).padStart(10, "0")}` });
  if (iban === null) throw new Error("no IBAN");
  return iban;
}

const text = (maxLength: number) =>
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength })
    .map((raw) => raw.normalize("NFC").replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd\ufeff]/g, "").trim())
    .filter((clean) => clean !== "" && clean.length <= maxLength);

/** Any payment that is right; references are made unique by their place in the file. */
export const anyPayment = fc.record({
  creditor: text(70),
  account: fc.nat(9_999_999),
  cents: fc.bigInt({ min: 1n, max: MAX_CENTS }),
  currency: fc.constantFrom(...CURRENCIES),
  reference: text(120),
});

export type AnyPayment = typeof anyPayment extends fc.Arbitrary<infer T> ? T : never;

/** What should be read for it on this line. */
export function asPayment({ creditor, account, cents, currency, reference }: AnyPayment, line: number): Payment {
  return { line, creditor, iban: ibanOf(account), amount: toMoney(cents, currency), reference: `${reference} #${line}` };
}

export interface Dialect {
  delimiter: string;
  newline: string;
  bom: boolean;
  quoteAll: boolean;
  lastNewline: boolean;
}

export const anyDialect: fc.Arbitrary<Dialect> = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  newline: fc.constantFrom("\n", "\r\n", "\r"),
  bom: fc.boolean(),
  quoteAll: fc.boolean(),
  lastNewline: fc.boolean(),
});

/** Writes rows the way spreadsheets do. */
export function writeCsv(rows: readonly (readonly string[])[], { delimiter, newline, bom, quoteAll, lastNewline }: Dialect): string {
  const cell = (value: string) => (quoteAll || /[",;|\t\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = rows.map((row) => row.map(cell).join(delimiter)).join(newline);
  return `${bom ? "\ufeff" : ""}${lines}${lastNewline ? newline : ""}`;
}
