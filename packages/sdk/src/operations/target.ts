import { TapeError } from "@tape/core";

/** A run by its id, or anything that has one: the run that agent code was given, a handle, a record. */
export type RunTarget = string | { readonly id: string };

/** @throws {TapeError} `invalid_input` for what has no id */
export function idOf(target: RunTarget): string {
  const id: unknown = typeof target === "string" ? target : (target as { id?: unknown } | null | undefined)?.id;
  if (typeof id === "string") return id;
  throw new TapeError("invalid_input", "name a run: its id, or something that has one");
}
