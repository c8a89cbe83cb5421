import { TapeError, type Page, type Value, type ValueChange } from "@tape/core";
import type { Open, Send } from "./request.ts";
import type { PageAsk } from "./runs.ts";
import { watchValueByHttp, type WatchAsk } from "./watch-value.ts";

/** Write only if: this version is the present one; or no live value is there (never written, or deleted). */
export interface ValueGuard {
  ifVersion?: number;
  ifNotLive?: boolean;
}

/** A namespace, how many live keys it has, and when one of them was last written. */
export interface NamespaceInfo {
  namespace: string;
  keys: number;
  at: string;
}

export function valueRoutes(send: Send, open: Open) {
  const of = (namespace: string, key: string, rest = "") => `/api/v1/values/${segment("namespace", namespace)}/${segment("key", key)}${rest}`;
  return {
    namespaces: (ask: PageAsk & { prefix?: string } = {}, signal?: AbortSignal) => send<Page<NamespaceInfo>>("/api/v1/values", { query: { ...ask }, signal }),
    list: (namespace: string, ask: PageAsk = {}, signal?: AbortSignal) => send<Page<Value>>("/api/v1/values", { query: { namespace, ...ask }, signal }),
    /** `not_found` when it is not live; `details.version` is the version that deleted it, 0 when there never was one. */
    get: (namespace: string, key: string, signal?: AbortSignal) => send<Value>(of(namespace, key), { signal }),
    /** Another version than the one you named: `version_conflict`, with the present one in `details.version`. */
    set: (namespace: string, key: string, value: unknown, guard: ValueGuard = {}) => send<Value>(of(namespace, key), { method: "PUT", body: { value }, headers: headersOf(guard) }),
    /** Leaves a tombstone with a version of its own. */
    delete: (namespace: string, key: string, guard: Pick<ValueGuard, "ifVersion"> = {}) => send<Value>(of(namespace, key), { method: "DELETE", headers: headersOf(guard) }),
    /** Versions before `beforeVersion`, the latest first, tombstones included; older ones are forgotten in time. */
    history: (namespace: string, key: string, ask: { beforeVersion?: number; limit?: number } = {}, signal?: AbortSignal) =>
      send<Page<Value>>(of(namespace, key, "/history"), { query: { ...ask }, signal }),
    /** Every version after `fromVersion` (0, the default: all that are kept), in order, until `signal`; across reconnects. */
    watch: (namespace: string, key: string, ask: WatchAsk = {}): AsyncGenerator<ValueChange, void> => watchValueByHttp(open, of(namespace, key, "/watch"), ask),
  };
}

/** Every address resolves `.` and `..` before it is sent, however they are written: they would lead somewhere else. */
function segment(path: string, name: string): string {
  if (name !== "" && name !== "." && name !== "..") return encodeURIComponent(name);
  const message = "may not be empty, . or ..";
  throw new TapeError("invalid_input", `${path}: ${message}`, { fields: [{ path, message }] });
}

function headersOf({ ifVersion, ifNotLive }: ValueGuard): Record<string, string> {
  return { ...(ifVersion !== undefined && { "if-match": `"${ifVersion}"` }), ...(ifNotLive === true && { "if-none-match": "*" }) };
}
