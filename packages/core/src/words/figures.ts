import { formatAmount, formatMoney, isMoney } from "./money.ts";
import { count, foreign, grouped, quoted } from "./text.ts";

type Fields = Readonly<Record<string, unknown>>;

const RECEIVERS = ["to", "recipient", "payee", "beneficiary", "creditor", "counterparty", "customer", "vendor", "supplier"];
const SUBJECTS = ["name", "title", "subject", "file", "filename", "path", "url", "query", "email", "reference", "id", "key"];

/**
 * The figures a person looks for first in a request or a result that brought no words of its own: the sum, the
 * receiver, the subject, the number of rows. `""` when there is none. `12,400.00 EUR to Acme GmbH`, `invoices.csv`, `5 rows`.
 */
export function figuresOf(body: unknown): string {
  if (typeof body === "string") return body === "" ? "" : quoted(body);
  if (typeof body === "number") return grouped(String(body));
  if (Array.isArray(body)) return count(body.length, "item");
  if (typeof body !== "object" || body === null) return "";
  const fields = body as Fields;
  const sum = sumIn(fields);
  const receiver = receiverIn(fields);
  const words = [sum, receiver && `to ${receiver}`].filter(Boolean).join(" ");
  return words || subjectIn(fields) || rowsIn(fields);
}

function sumIn(fields: Fields): string {
  if (isMoney(fields)) return formatMoney(fields);
  for (const value of Object.values(fields)) if (isMoney(value)) return formatMoney(value);
  const { amount, currency } = fields;
  if (typeof amount === "number" && typeof currency === "string") return `${formatAmount(String(amount), currency)} ${foreign(currency, 8)}`;
  return "";
}

function receiverIn(fields: Fields): string {
  for (const key of RECEIVERS) {
    const name = nameOf(fields[key]);
    if (name !== "") return foreign(name, 60);
  }
  return "";
}

function subjectIn(fields: Fields): string {
  for (const key of SUBJECTS) {
    const value = fields[key];
    if (typeof value === "string" && value !== "") return foreign(value, 60);
    if (typeof value === "number") return `${key} ${value}`;
  }
  return "";
}

function rowsIn(fields: Fields): string {
  for (const [key, value] of Object.entries(fields)) if (Array.isArray(value)) return `${grouped(String(value.length))} ${foreign(key, 30)}`;
  return "";
}

function nameOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  const { name } = value as Fields;
  return typeof name === "string" ? name : "";
}
