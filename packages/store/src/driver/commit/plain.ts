const UNSTORABLE = /[\0\p{Surrogate}]/gu;

/**
 * Text as a column can hold it: PostgreSQL has no NUL and no half of a surrogate pair. What an effect brought is never
 * refused for its words (D20). Bodies are JSON text, where both are escapes.
 */
export function plain(text: string): string {
  return text.replace(UNSTORABLE, "\ufffd");
}

/** The same for every text of a row. */
export function plainRow(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (typeof value === "string") return plain(value);
  return Array.isArray(value) ? value.map(plainValue) : value;
}
