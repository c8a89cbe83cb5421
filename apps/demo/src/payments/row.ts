import { CURRENCIES, toMoney, type Currency } from "../money/cents.ts";
import { parseAmount } from "./amount.ts";
import type { Column, Field } from "./columns.ts";
import { compactIban, ibanProblem } from "./iban.ts";
import type { Payment, Problem } from "./payment.ts";

export interface RawRow {
  line: number;
  cells: readonly string[];
}

const LONGEST = { creditor: 70, reference: 140 };
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Reads one row. All of its problems are told, not only the first. */
export function readRow(row: RawRow, columns: Record<Field, Column>, width: number): { payment: Payment } | { problems: Problem[] } {
  const reading = new RowReading(row, columns);
  if (row.cells.length !== width) reading.complain(null, `${row.cells.length} columns`, `the header has ${width}`);
  else reading.readAll();
  const { problems, payment } = reading;
  return problems.length === 0 && payment ? { payment } : { problems };
}

class RowReading {
  readonly problems: Problem[] = [];
  payment: Payment | undefined;
  readonly #row: RawRow;
  readonly #columns: Record<Field, Column>;

  constructor(row: RawRow, columns: Record<Field, Column>) {
    this.#row = row;
    this.#columns = columns;
  }

  complain(field: Field | null, value: string, reason: string): void {
    const column = field === null ? null : this.#columns[field].header;
    const shown = value.replace(/\s+/g, " ").trim();
    this.problems.push({ line: this.#row.line, column, value: shown.length > 60 ? `${shown.slice(0, 59)}…` : shown, reason });
  }

  readAll(): void {
    const creditor = this.#text("creditor");
    const iban = this.#iban();
    const cents = this.#cents();
    const currency = this.#currency();
    const reference = this.#text("reference");
    if (cents === undefined || currency === undefined) return;
    this.payment = { line: this.#row.line, creditor, iban, amount: toMoney(cents, currency), reference };
  }

  #cell(field: Field): string {
    return (this.#row.cells[this.#columns[field].index] ?? "").trim();
  }

  #text(field: "creditor" | "reference"): string {
    const text = this.#cell(field).normalize("NFC");
    if (text === "") this.complain(field, "", "is empty");
    else if (CONTROL.test(text)) this.complain(field, text, "must be one line of plain text");
    else if (text.includes("\ufffd")) this.complain(field, text, "has characters that cannot be read, save the file as UTF-8");
    else if (text.length > LONGEST[field]) this.complain(field, text, `is longer than ${LONGEST[field]} characters`);
    return text;
  }

  #iban(): string {
    const written = this.#cell("iban");
    const compact = compactIban(written);
    if (compact === "") this.complain("iban", "", "is empty");
    else {
      const reason = ibanProblem(compact);
      if (reason !== undefined) this.complain("iban", written, reason);
    }
    return compact;
  }

  #cents(): bigint | undefined {
    const written = this.#cell("amount");
    const parsed = parseAmount(written);
    if ("cents" in parsed) return parsed.cents;
    this.complain("amount", written, parsed.problem);
    return undefined;
  }

  #currency(): Currency | undefined {
    const written = this.#cell("currency");
    const code = CURRENCIES.find((known) => known === written.toUpperCase());
    if (code === undefined) this.complain("currency", written, written === "" ? "is empty" : `the bank pays only ${CURRENCIES.join(", ")}`);
    return code;
  }
}
