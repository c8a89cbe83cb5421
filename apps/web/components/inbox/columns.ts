import { isMoney } from "@tape/core";

export interface Column {
  key: string;
  /** `Amount EUR` when every cell is money of one currency; the cells then show the figure alone. */
  head: string;
  currency: string | null;
  isFigure: boolean;
  /** Every cell is so short that it stays on one line: dates, numbers, names of things. */
  isShort: boolean;
}

/** The longest text that is not broken (characters). */
const SHORT = 30;

/** Rows looked at to find the columns. */
const LOOKED_AT = 100;

/** The columns of a list of objects, in the order in which their names first appear. Null when it is no such list. */
export function columnsOf(rows: unknown): { columns: Column[]; rows: Record<string, unknown>[] } | null {
  if (!Array.isArray(rows) || rows.length === 0 || !rows.every(isRecord)) return null;
  const keys = [...new Set(rows.slice(0, LOOKED_AT).flatMap((row) => Object.keys(row)))];
  return { rows, columns: keys.map((key) => columnOf(key, rows)) };
}

function columnOf(key: string, rows: Record<string, unknown>[]): Column {
  const cells = rows.map((row) => row[key]).filter((cell) => cell !== undefined && cell !== null);
  const currencies = new Set(cells.map((cell) => (isMoney(cell) ? cell.currency.toUpperCase() : null)));
  const [only] = currencies;
  const currency = currencies.size === 1 && only !== undefined ? only : null;
  const isFigure = cells.length > 0 && cells.every((cell) => isMoney(cell) || typeof cell === "number");
  const isShort = isFigure || cells.every((cell) => typeof cell !== "object" && String(cell).length <= SHORT);
  return { key, head: currency === null ? wordsOf(key) : `${wordsOf(key)} ${currency}`, currency, isFigure, isShort };
}

/** `valueDate`, `value_date` → `Value date`; `id` and `iban` in capitals. */
export function wordsOf(key: string): string {
  if (/^(id|iban|bic|vat|url|ip|sku)$/i.test(key)) return key.toUpperCase();
  const words = key.replace(/[_-]+/g, " ").replace(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase().trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
