/** The columns a payment file must have, each with the headers it may go by; the first one found counts. */
const HEADERS = {
  creditor: ["creditor", "creditor name", "beneficiary", "beneficiary name", "payee", "payee name", "recipient", "supplier", "vendor", "name", "empfänger", "begünstigter"],
  iban: ["iban", "creditor iban", "beneficiary iban", "account", "account number", "konto"],
  amount: ["amount", "payment amount", "sum", "total", "value", "betrag"],
  currency: ["currency", "ccy", "curr", "währung"],
  reference: ["reference", "payment reference", "remittance information", "ref", "invoice", "invoice number", "invoice no", "description", "purpose", "verwendungszweck"],
} as const;

export type Field = keyof typeof HEADERS;
export const FIELDS = Object.keys(HEADERS) as Field[];

/** Where a field stands in a row, and what the file calls it. */
export interface Column {
  index: number;
  header: string;
}

export type Columns = { ok: true; columns: Record<Field, Column>; ignored: string[] } | { ok: false; reason: string };

/** Finds the columns of a header row. Case, spaces and punctuation do not matter, nor does the order. */
export function findColumns(headers: readonly string[]): Columns {
  const found: Partial<Record<Field, Column>> = {};
  for (const field of FIELDS) {
    for (const name of HEADERS[field]) {
      const places = headers.flatMap((header, index) => (plain(header) === plain(name) ? [index] : []));
      if (places.length > 1) return { ok: false, reason: `Two columns are called ${quoted(headers[places[0] ?? 0] ?? "")}: rename or remove one.` };
      const [index] = places;
      if (index === undefined) continue;
      found[field] = { index, header: (headers[index] ?? "").trim() };
      break;
    }
  }
  const missing = FIELDS.filter((field) => !found[field]);
  if (missing.length > 0) return { ok: false, reason: sayMissing(missing, headers) };
  const columns = found as Record<Field, Column>;
  const used = new Set(FIELDS.map((field) => columns[field].index));
  return { ok: true, columns, ignored: headers.filter((header, index) => !used.has(index) && header.trim() !== "").map((header) => header.trim()) };
}

function plain(header: string): string {
  return header.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function sayMissing(missing: Field[], headers: readonly string[]): string {
  const seen = headers.filter((header) => header.trim() !== "").slice(0, 8).map((header) => quoted(header.trim()));
  const columns = missing.length === 1 ? "The column" : "The columns";
  return `${columns} ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing. Line 1 has ${seen.join(", ") || "nothing"}.`;
}

function quoted(text: string): string {
  return `“${text.length > 40 ? `${text.slice(0, 39)}…` : text}”`;
}
