import { instant, TapeError } from "@tape/core";

/**
 * Names and other short text that goes into columns: PostgreSQL holds no NUL, and a lone surrogate would come back as
 * something else.
 *
 * @throws {TapeError} `invalid_input` with the field's path.
 */
export function assertText(value: unknown, path: string, { max = 200 }: { max?: number } = {}): asserts value is string {
  const problem = problemOf(value, max);
  if (problem) throw invalidField(path, problem);
}

/** @throws {TapeError} `invalid_input` for what is no ISO 8601 instant: PostgreSQL itself takes `tomorrow` for one. */
export function assertInstant(value: string, path: string): void {
  if (!instant.safeParse(value).success) throw invalidField(path, "must be an instant, as 2026-12-31T12:00:00Z");
}

export function invalidField(path: string, message: string): TapeError {
  return new TapeError("invalid_input", `${path}: ${message}`, { fields: [{ path, message }] });
}

function problemOf(value: unknown, max: number): string | null {
  if (typeof value !== "string" || value === "") return "must be text";
  if (value.length > max) return `must be at most ${max} characters`;
  if (!isStorable(value)) return "holds a character that cannot be stored";
  return null;
}

/** May this text stand in a column? */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && !/\p{Surrogate}/u.test(text);
}
