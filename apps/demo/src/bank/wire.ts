import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { money, toCents } from "../money/cents.ts";
import { iban } from "../payments/iban.ts";

const CONTROL = /[\u0000-\u001f\u007f]/;
const line = (max: number) =>
  z
    .string()
    .min(1, "must not be empty")
    .max(max, `must not be longer than ${max} characters`)
    .refine((text) => text.trim() === text && !CONTROL.test(text), "must be one line without spaces around it");

/** What the bank is asked to pay. Unknown fields are refused: a misspelt one must not be ignored. */
export const wireRequest = z.strictObject({
  creditor: line(70),
  iban,
  amount: money.refine((sum) => toCents(sum) > 0n, "must be more than zero"),
  reference: line(140),
});
export type WireRequest = z.infer<typeof wireRequest>;

/** The key under which the caller may ask again: one key, one wire. */
export const idempotencyKey = z.string().regex(/^[\u0021-\u007e]{1,255}$/, "must be 1 to 255 visible ASCII characters");

/** The bank's own reference. */
export const bankRef = z.string().regex(/^BNK-\d{6,}$/, "must be a reference of the bank, like BNK-000001");

/** One line of the ledger. `id` is the bank's own reference, `BNK-000001` onwards without gaps. */
export const wire = z.strictObject({
  id: bankRef,
  key: idempotencyKey,
  bookedAt: z.iso.datetime(),
  ...wireRequest.shape,
});
export type Wire = z.infer<typeof wire>;

/** What the bank is asked to take back: a wire, by its reference. */
export const reversalRequest = z.strictObject({ wire: bankRef });

/** A line that takes a wire back: its content again, and which one it was. A wire is reversed at most once. */
export const reversal = wire.extend({ reverses: bankRef });
export type Reversal = z.infer<typeof reversal>;

/** A line of the ledger, wire or reversal. */
export const ledgerLine = z.union([wire, reversal]);
export type LedgerLine = z.infer<typeof ledgerLine>;

export function isReversal(line: LedgerLine): line is Reversal {
  return "reverses" in line;
}

export function isWire(line: LedgerLine): line is Wire {
  return !isReversal(line);
}

export function wireId(position: number): string {
  return `BNK-${String(position).padStart(6, "0")}`;
}

/** Was this wire booked for exactly this request? */
export function isSameWire(booked: Wire, request: WireRequest): boolean {
  const { creditor, iban: account, amount, reference } = booked;
  return isDeepStrictEqual({ creditor, iban: account, amount, reference }, { ...request });
}
