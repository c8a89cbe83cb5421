import { isDeepStrictEqual } from "node:util";
import { TapeError } from "@tape/core";

/** What a command was answered: a value as plain JSON, or an error by its code and what it says for machines. */
export type Answer = { value: unknown } | { code: string; details: unknown };

/** Words for people, which may be chosen freely. */
const WORDS = new Set(["message", "whyWaiting"]);
/** Refusals whose details name what stands; the others' explain what was wrong with the input. */
const DETAILED = new Set(["already_decided", "business_key_taken", "version_conflict", "invocation_conflict", "fingerprint_mismatch"]);

export function answered(value: unknown): Answer {
  return { value: plain(value) };
}

/** @throws what is no error of ours: neither side may fail in another way. */
export function refused(error: unknown): Answer {
  if (!TapeError.is(error)) throw error;
  return { code: error.code, details: DETAILED.has(error.code) ? plain(error.details) : null };
}

export function sameAnswer(one: Answer, other: Answer): boolean {
  return isDeepStrictEqual(one, other);
}

/** As JSON, with the order of what has none settled, and without words. */
function plain(value: unknown): unknown {
  if (value instanceof TapeError) return { code: value.code };
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, own]) => [String(key), plain(own)]));
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return ordered(value.map(plain));
  if (value === null || typeof value !== "object") return value;
  const isRefusedCommit = "refused" in value && "reason" in value && value.refused !== "cancelled";
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, own]) => (own === undefined || WORDS.has(name) || (isRefusedCommit && name === "reason") ? [] : [[name, plain(own)]])),
  );
}

/** What was claimed together comes in no particular order. */
function ordered(list: unknown[]): unknown[] {
  const idOf = (one: unknown) => JSON.stringify(["runId", "effectId", "id"].map((name) => (one as Record<string, unknown>)[name]));
  const isClaimed = list.length > 1 && list.every((one) => one !== null && typeof one === "object" && ("claim" in one || "taken" in one));
  return isClaimed ? [...list].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1)) : list;
}
