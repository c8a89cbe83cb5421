import type { Ms } from "./model.ts";

/** An instant as the wire and the journal write it: ISO 8601, UTC, milliseconds. */
export function iso(at: Ms): string;
export function iso(at: Ms | null): string | null;
export function iso(at: Ms | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
