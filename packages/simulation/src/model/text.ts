import { TapeError } from "@tape/core";

/** @throws {TapeError} `invalid_input` for what is no text, is empty or longer than `max`, or that a column cannot hold. */
export function assertText(value: unknown, path: string, { max = 200 }: { max?: number } = {}): asserts value is string {
  const problem = problemOf(value, max);
  if (problem !== null) throw invalidField(path, problem);
}

export function invalidField(path: string, message: string): TapeError {
  return new TapeError("invalid_input", `${path}: ${message}`, { fields: [{ path, message }] });
}

function problemOf(value: unknown, max: number): string | null {
  if (typeof value !== "string" || value === "") return "must be text";
  if (value.length > max) return `must be at most ${max} characters`;
  return plain(value) === value ? null : "holds a character that cannot be stored";
}

/** What a column keeps of a text: it has no NUL and no half of a surrogate pair. Bodies keep everything. */
export function plain(text: string): string {
  return text.replace(/[\0\p{Surrogate}]/gu, "\ufffd");
}
