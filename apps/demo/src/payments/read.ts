import { CsvError, parse } from "csv-parse/sync";
import { totals, type Money } from "../money/cents.ts";
import { findColumns } from "./columns.ts";
import { detectDelimiter } from "./delimiter.ts";
import type { Payment, Problem } from "./payment.ts";
import { readRow, type RawRow } from "./row.ts";

/** A file that cannot be read as payments at all: nothing of it is paid. The message says what to do. */
export class PaymentFileError extends Error {
  override readonly name = "PaymentFileError";
}

export interface PaymentFile {
  payments: Payment[];
  /** What is wrong, in the order of the file; a row may have several. */
  problems: Problem[];
  /** Rows with something in them, the header aside: `payments.length + rejectedRows`. */
  rows: number;
  rejectedRows: number;
  /** By currency, of the payments alone. */
  totals: Money[];
  ignoredColumns: string[];
}

/**
 * Reads a CSV of payments. Every row ends up either among the payments or among the problems; blank lines are no rows.
 * Pure: the same text gives the same answer. Commas, semicolons, tabs and bars separate; BOM, quotes and any line ends
 * are understood.
 *
 * @throws {PaymentFileError} when the file as a whole makes no sense (empty, no header, an unclosed quote).
 */
export function readPayments(csv: string): PaymentFile {
  const [header, ...rows] = readRows(csv);
  if (!header) throw new PaymentFileError("The file is empty.");
  const found = findColumns(header.cells);
  if (!found.ok) throw new PaymentFileError(found.reason);
  if (rows.length === 0) throw new PaymentFileError("The file has a header and no payments.");

  const payments: Payment[] = [];
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  let rejectedRows = 0;
  for (const row of rows) {
    const read = readRow(row, found.columns, header.cells.length);
    const wrong = "problems" in read ? read.problems : doublesOf(read.payment, seen);
    if (wrong.length > 0) rejectedRows++;
    else if ("payment" in read) payments.push(read.payment);
    problems.push(...wrong);
  }
  const sums = totals(payments.map(({ amount }) => amount));
  return { payments, problems, rows: rows.length, rejectedRows, totals: sums, ignoredColumns: found.ignored };
}

/** A payment that stands in the file twice is most likely one invoice pasted twice: the second is for a person to judge. */
function doublesOf({ line, iban, amount, reference }: Payment, seen: Map<string, number>): Problem[] {
  const identity = JSON.stringify([iban, amount.amount, amount.currency, reference.toLowerCase()]);
  const first = seen.get(identity);
  if (first !== undefined) return [{ line, column: null, value: reference, reason: `is the same payment as line ${first}` }];
  seen.set(identity, line);
  return [];
}

function readRows(csv: string): RawRow[] {
  const text = csv.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  let lastLine = 0;
  try {
    const records = parse(text, {
      delimiter: detectDelimiter(text),
      record_delimiter: "\n",
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
      raw: true,
      on_record: (record, { lines }) => {
        lastLine = lines;
        return record;
      },
    }) as unknown as ParsedRecord[];
    return records.map(toRow).filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
  } catch (error) {
    if (error instanceof CsvError) throw new PaymentFileError(sayBroken(error, lastLine + 1), { cause: error });
    throw error;
  }
}

interface ParsedRecord {
  record: string[];
  raw: string;
  /** `lines`: the line on which the record ends. */
  info: { lines: number };
}

function toRow({ record, raw, info }: ParsedRecord): RawRow {
  const inner = raw.replace(/^\n+|\n$/g, "").split("\n").length - 1;
  return { line: info.lines - inner, cells: record };
}

function sayBroken(error: CsvError, line: number): string {
  if (error.code === "CSV_QUOTE_NOT_CLOSED") return `A quote opened on line ${line} or after it is never closed, so the columns cannot be told apart.`;
  return `Line ${line} has a quote in the wrong place, so the columns cannot be told apart: write "" for a quote inside quotes.`;
}
