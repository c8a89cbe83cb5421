import type { Value } from "@tape/core";
import { readJson } from "../kit/read-json.ts";

/** A value as somebody is writing it. */
export interface Draft {
  text: string;
  /** The version it was begun from; 0 for a value that is not there yet. What is written must still follow it. */
  base: number;
}

/** JSON as a person edits it. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? "null";
}

export function draftOf(row: Pick<Value, "value" | "version" | "deleted"> | null): Draft {
  return row === null ? { text: "", base: 0 } : { text: row.deleted ? "" : textOf(row.value), base: row.version };
}

/** What somebody else wrote meanwhile: the newest version that is not the one the draft began from. Null: none. */
export function overtakenBy(draft: Draft, seen: readonly (Value | null)[]): Value | null {
  return seen.reduce<Value | null>((newest, row) => (row !== null && row.version > draft.base && row.version > (newest?.version ?? 0) ? row : newest), null);
}

/** The person has looked: goes on with the other's words, or with the own ones over the other's version. */
export function reconcile(draft: Draft, theirs: Value, keep: "mine" | "theirs"): Draft {
  return keep === "theirs" ? draftOf(theirs) : { ...draft, base: theirs.version };
}

/** Why the draft cannot be written now. Null: it can. */
export function whyNotWrite(draft: Draft, theirs: Value | null): string | null {
  if (theirs !== null) return `Look at version ${theirs.version} first: take it, or keep yours.`;
  if (draft.text.trim() === "") return "Write the value as JSON first; null is one too.";
  return readJson(draft.text).error;
}
