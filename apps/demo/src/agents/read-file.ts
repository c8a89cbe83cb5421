import { createHash } from "node:crypto";
import { count, formatMoney } from "@tape/core";
import type { Run } from "@tape/sdk";
import type { Money } from "../money/cents.ts";
import type { Problem } from "../payments/payment.ts";
import { readPayments, type PaymentFile } from "../payments/read.ts";

/** How many problems a result, a card or a report lists; it always says how many there are. */
export const MOST_PROBLEMS = 200;

/** What the journal keeps of reading a file: enough to answer for every row. */
export interface Reading {
  payments: number;
  totals: Money[];
  rejectedRows: number;
  problems: Problem[];
  problemCount: number;
  ignoredColumns: string[];
}

export function fileNameOf({ file }: { file?: string | undefined }): string {
  return file ?? "the uploaded file";
}

/** Names the file's content; a card that carries it speaks of this very file. */
export function digestOf(csv: string): string {
  return createHash("sha256").update(csv).digest("hex");
}

/**
 * Reads and validates the file as a step, so that the journal tells what was read and what was refused. The rows
 * themselves are not journaled a second time: reading is pure, and the input is in the journal already.
 *
 * @throws {StepFailed} named `PaymentFileError` when the file as a whole makes no sense
 */
export async function readFile(run: Run, input: { csv: string; file?: string | undefined }): Promise<PaymentFile> {
  const file = fileNameOf(input);
  await run.effect<{ file: string; sha256: string }, Reading>(
    "read-file",
    { file, sha256: digestOf(input.csv) },
    () => summed(readPayments(input.csv)),
    { semantics: "OBSERVE_ONLY", summary: (_, reading) => (reading ? sayReading(file, reading) : `Read ${file}`) },
  );
  return readPayments(input.csv);
}

function summed({ payments, totals, rejectedRows, problems, ignoredColumns }: PaymentFile): Reading {
  return { payments: payments.length, totals, rejectedRows, problems: problems.slice(0, MOST_PROBLEMS), problemCount: problems.length, ignoredColumns };
}

function sayReading(file: string, { payments, totals, rejectedRows }: Reading): string {
  const sum = totals.length === 0 ? "" : `, ${sayTotals(totals)}`;
  const rejected = rejectedRows === 0 ? "" : `; ${count(rejectedRows, "row")} refused`;
  return `Read ${count(payments, "payment")} from ${file}${sum}${rejected}`;
}

/** `18,420.50 EUR and 300.00 USD`. */
export function sayTotals(totals: readonly Money[]): string {
  const words = totals.map(formatMoney);
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
