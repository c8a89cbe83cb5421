/** What a `display` field points at: `total`, `rows.0.amount`. Undefined when the path leads nowhere. */
export function valueAt(payload: unknown, path: string): unknown {
  let value = payload;
  for (const part of path === "" ? [] : path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
