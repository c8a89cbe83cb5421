import type { Money } from "../../words/money.ts";

export interface Payment {
  readonly to: string;
  readonly iban: string;
  readonly amount: Money;
  readonly reference: string;
}

const PAYEES = [
  ["Acme GmbH", "DE89370400440532013000", 124_000],
  ["Nordwind Logistik AG", "CH9300762011623852957", 1_850_050],
  ["Müller & Söhne KG", "DE75512108001245126199", 98_712],
  ["Estudio Líneas S.L.", "ES9121000418450200051332", 4_125_000],
  ["Kawasaki Parts Europe B.V.", "NL91ABNA0417164300", 26_460],
  ["Brassens et Fils SARL", "FR1420041010050500013M02606", 310_999],
] as const;

/** Payments as a treasury has them: real-looking names, valid-looking IBANs, sums that differ in length. */
export function payments(rows: number): Payment[] {
  return Array.from({ length: rows }, (_, row) => {
    const [to, iban, cents] = PAYEES[row % PAYEES.length] ?? PAYEES[0];
    const amount = euros(BigInt(cents) + BigInt(Math.floor(row / PAYEES.length)) * 1100n);
    return { to, iban, amount, reference: `INV-2026-${String(1041 + row * 7)}` };
  });
}

/** The exact sum; in cents, never in floats. */
export function totalOf(rows: readonly Payment[]): Money {
  return euros(rows.reduce((sum, row) => sum + BigInt(row.amount.amount.replace(".", "")), 0n));
}

function euros(cents: bigint): Money {
  const digits = String(cents).padStart(3, "0");
  return { amount: `${digits.slice(0, -2)}.${digits.slice(-2)}`, currency: "EUR" };
}
