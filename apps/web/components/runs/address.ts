import { RUN_STATUSES, type RunFilter, type RunStatus } from "@tape/core";

/** The runs screen as its address says it: everything that survives a reload, a bookmark and the back button. */
export interface RunsAddress {
  status: RunStatus[];
  agent: string | null;
  label: string | null;
  q: string | null;
  since: SinceName | null;
  cursor: string | null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How far back the list goes, from the moment it is asked for. */
export const SINCE = {
  "15m": { name: "15 minutes", ms: 15 * MINUTE },
  "1h": { name: "1 hour", ms: HOUR },
  "24h": { name: "24 hours", ms: 24 * HOUR },
  "7d": { name: "7 days", ms: 7 * 24 * HOUR },
  "30d": { name: "30 days", ms: 30 * 24 * HOUR },
} as const;
export type SinceName = keyof typeof SINCE;

export type SearchParams = Record<string, string | string[] | undefined>;

/** Reads an address. What does not fit is left out, so an old bookmark still opens. */
export function readAddress(params: SearchParams): RunsAddress {
  const since = one(params["since"]);
  const label = one(params["label"]);
  return {
    status: RUN_STATUSES.filter((status) => many(params["status"]).includes(status)),
    agent: one(params["agent"]),
    label: label !== null && /^[^:]+:/.test(label) ? label : null,
    q: one(params["q"]),
    since: since !== null && since in SINCE ? (since as SinceName) : null,
    cursor: one(params["cursor"]),
  };
}

/** Writes an address. Another filter begins at the newest run again. */
export function writeAddress(address: RunsAddress, change: Partial<RunsAddress> = {}): string {
  const next = { ...address, cursor: null, ...change };
  const params = new URLSearchParams();
  for (const status of next.status) params.append("status", status);
  for (const name of ["agent", "label", "q", "since", "cursor"] as const) {
    const value = next[name];
    if (value !== null && value !== "") params.set(name, value);
  }
  const text = params.toString();
  return text === "" ? "/runs" : `/runs?${text}`;
}

/** What the API is asked for. `since` becomes an instant, cut to the minute. */
export function filterOf(address: RunsAddress, nowMs: number): RunFilter {
  return {
    ...(address.status.length > 0 && { status: address.status }),
    ...(address.agent !== null && { agent: address.agent }),
    ...(address.label !== null && { label: address.label }),
    ...(address.q !== null && { q: address.q }),
    ...(address.since !== null && { since: new Date(Math.floor((nowMs - SINCE[address.since].ms) / MINUTE) * MINUTE).toISOString() }),
  };
}

export function isFiltered(address: RunsAddress): boolean {
  return address.status.length > 0 || [address.agent, address.label, address.q, address.since].some((value) => value !== null);
}

function many(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function one(value: string | string[] | undefined): string | null {
  const first = many(value)[0]?.trim();
  return first === undefined || first === "" ? null : first;
}
