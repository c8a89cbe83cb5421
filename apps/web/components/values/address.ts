/** The values screen as its address says it. */
export interface ValuesAddress {
  namespace: string | null;
  key: string | null;
  /** What the namespaces begin with. */
  prefix: string;
}

export type SearchParams = Record<string, string | string[] | undefined>;

export function readAddress(params: URLSearchParams): ValuesAddress {
  const namespace = params.get("namespace");
  // A key alone is nobody's.
  const key = namespace === null ? null : params.get("key");
  return { namespace, key, prefix: params.get("prefix")?.trim() ?? "" };
}

export function hrefOf({ key, namespace, prefix }: ValuesAddress): string {
  const params = new URLSearchParams();
  if (prefix !== "") params.set("prefix", prefix);
  if (namespace !== null) params.set("namespace", namespace);
  if (namespace !== null && key !== null) params.set("key", key);
  const text = params.toString();
  return text === "" ? "/values" : `/values?${text}`;
}

/** What Next hands to a page, as the browser has it. The first of several counts. */
export function paramsOf(params: SearchParams): URLSearchParams {
  const read = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) read.set(name, first);
  }
  return read;
}
