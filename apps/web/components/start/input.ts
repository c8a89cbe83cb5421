import { MAX_BODY_BYTES, TapeError } from "@tape/core";
import { readJson } from "../kit/read-json.ts";
import type { InputField } from "./schema.ts";

export type Written = Readonly<Record<string, string | boolean>>;
export type FieldErrors = Readonly<Record<string, string>>;

/** What was written as the input of a run, or what is wrong by field. What was left empty is left out. */
export function inputOf(fields: readonly InputField[], written: Written): { input: Record<string, unknown>; errors: FieldErrors } {
  const input: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const value = written[field.name] ?? field.initial;
    if (typeof value === "boolean") {
      input[field.name] = value;
      continue;
    }
    if (value.trim() === "") {
      if (field.required) errors[field.name] = field.type === "csv" ? "Choose a file." : "This is needed.";
      continue;
    }
    const read = readField(field, value);
    if (read.error === null) input[field.name] = read.value;
    else errors[field.name] = read.error;
  }
  return { input, errors };
}

function readField({ type, options }: InputField, text: string): { value: unknown; error: string | null } {
  switch (type) {
    case "number":
    case "integer": {
      const value = Number(text.trim().replace(/,/g, ""));
      if (!Number.isFinite(value)) return { value, error: "This must be a number, such as 1200.50." };
      return { value, error: type === "integer" && !Number.isInteger(value) ? "This must be a whole number." : null };
    }
    case "json":
      return readJson(text);
    case "select":
      return { value: text, error: options.includes(text) ? null : "Choose one of the list." };
    default:
      return { value: text, error: null };
  }
}

/** The size of a request as it travels, and why it cannot: null when it fits. */
export function whyTooLarge(request: unknown): string | null {
  const bytes = new TextEncoder().encode(JSON.stringify(request)).length;
  return bytes <= MAX_BODY_BYTES ? null : `This is ${sayBytes(bytes)}; at most ${sayBytes(MAX_BODY_BYTES)} can be sent. Split the file.`;
}

export function sayBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** What the server found wrong, by field; what belongs to none is under "". */
export function errorsOf(error: unknown, fields: readonly InputField[]): FieldErrors {
  if (!TapeError.is(error)) return { "": error instanceof Error ? error.message : "The run was not started." };
  const found: Record<string, string> = {};
  const reported = Array.isArray(error.details?.["fields"]) ? (error.details["fields"] as unknown[]) : [];
  for (const one of reported) {
    if (typeof one !== "object" || one === null) continue;
    const { path, message } = one as { path?: unknown; message?: unknown };
    const [name = "", ...rest] = String(path ?? "").replace(/^input\.?/, "").split(".");
    const where = rest.length === 0 ? "" : `${rest.join(".")}: `;
    const key = fields.some((field) => field.name === name) ? name : "";
    found[key] ??= `${key === "" && name !== "" ? `${String(path)}: ` : where}${String(message)}`;
  }
  return Object.keys(found).length === 0 ? { "": error.message } : found;
}

/** Labels as they are written: a `name: value` on each line. */
export function labelsOf(text: string): { labels: Record<string, string>; error: string | null } {
  const labels: Record<string, string> = {};
  for (const line of text.split("\n").map((one) => one.trim()).filter(Boolean)) {
    const colon = line.indexOf(":");
    if (colon < 1) return { labels, error: `Write each label as name: value. “${line.slice(0, 40)}” has no colon.` };
    labels[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  return { labels, error: null };
}
