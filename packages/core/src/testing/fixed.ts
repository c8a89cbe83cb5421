import type { IdKind } from "../ids.ts";

/** Every fixture begins here, so that screenshots and snapshots never change by themselves: 24 Nov 2026, 09:00 UTC. */
export const START_MS = Date.UTC(2026, 10, 24, 9, 0, 0);

/** The `now` that belongs to the fixtures: six hours later. */
export const NOW = at(6 * 60 * 60 * 1000);

/** The instant `afterMs` milliseconds after the fixtures' start. */
export function at(afterMs: number): string {
  return new Date(START_MS + afterMs).toISOString();
}

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A valid id that is always the same: `testId("run", 7)`. Sorted by `n`. */
export function testId<K extends IdKind>(kind: K, n: number): `${K}_${string}` {
  let digits = "";
  for (let rest = n; digits.length < 10; rest = Math.floor(rest / 32)) digits = ALPHABET[rest % 32] + digits;
  return `${kind}_01KASV7J00TAPETE${digits}`;
}

/** 64 hexadecimal digits that stand for the SHA-256 of `text`. */
export function testFingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0").repeat(8);
}
