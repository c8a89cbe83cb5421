import { z } from "zod";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Every id says what it names: `run_…`, `eff_…`. */
export type IdKind = "run" | "eff" | "obl" | "gate" | "sig" | "timer" | "wrk" | "rec" | "aud" | "tok" | "val";

let lastMs = 0;
let lastRandom: number[] = [];

/**
 * A new id: the kind, `_`, and 26 Crockford characters, 10 of time (ms) and 16 of randomness (a ULID).
 * Ids made by one process in one millisecond still sort in the order they were made.
 */
export function newId<K extends IdKind>(kind: K, nowMs: number = Date.now()): `${K}_${string}` {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    lastRandom = [...globalThis.crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte & 31);
  } else {
    increment(lastRandom);
  }
  return `${kind}_${encodeTime(lastMs)}${lastRandom.map((value) => ALPHABET[value]).join("")}`;
}

/** 26 Crockford characters from at least 17 bytes (a hash): the id of a thing that is named from outside. */
export function idFromBytes<K extends IdKind>(kind: K, bytes: Uint8Array): `${K}_${string}` {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5 && text.length < 26) {
      bits -= 5;
      text += ALPHABET[(buffer >> bits) & 31];
    }
  }
  return `${kind}_${text}`;
}

/** A schema for ids of one kind. */
export function idOf(kind: IdKind) {
  return z.string().regex(new RegExp(`^${kind}_[0-9A-HJKMNP-TV-Z]{26}$`), `must be ${kind}_ and 26 characters`);
}

function encodeTime(ms: number): string {
  let text = "";
  for (let place = 0; place < 10; place++) {
    text = ALPHABET[ms % 32] + text;
    ms = Math.floor(ms / 32);
  }
  return text;
}

function increment(digits: number[]): void {
  for (let place = digits.length - 1; place >= 0; place--) {
    const next = (digits[place] ?? 0) + 1;
    digits[place] = next & 31;
    if (next < 32) return;
  }
}
