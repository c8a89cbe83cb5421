/** A copy of what crosses the network: nobody shares an object with the database. */
export function copy<T>(value: T): T {
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(copy) as T;
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, copy(each)])) as T;
  const fields: Record<string, unknown> = {};
  for (const name in value) fields[name] = copy((value as Record<string, unknown>)[name]);
  return fields as T;
}
