import { MAX_BODY_BYTES, TapeError } from "@tape/core";

/**
 * The JSON text that is stored, exactly as it is given back later. `undefined` is stored as `null`.
 *
 * @param what Names it in the error: `input`, `payload`.
 * @throws {TapeError} `payload_too_large` above {@link MAX_BODY_BYTES} of UTF-8; `invalid_input` for what is not JSON.
 */
export function serializeBody(value: unknown, what: string): string {
  const text = toJson(value, what);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_BODY_BYTES) return text;
  throw new TapeError("payload_too_large", `${what} is ${bytes} bytes of JSON; the limit is ${MAX_BODY_BYTES}. Store it elsewhere and pass a reference.`, {
    bytes,
    limit: MAX_BODY_BYTES,
  });
}

function toJson(value: unknown, what: string, replacer?: (this: unknown, key: string, value: unknown) => unknown): string {
  if (value === undefined) return "null";
  let text: string | undefined;
  try {
    text = JSON.stringify(value, replacer);
  } catch (error) {
    throw new TapeError("invalid_input", `${what} is not JSON: ${(error as Error).message}`, undefined, { cause: error });
  }
  // A function, a symbol: JSON leaves them out, and an entry would stand there without its field.
  if (text === undefined) throw new TapeError("invalid_input", `${what} is not JSON: it is a ${typeof value}`);
  return text;
}

/**
 * {@link serializeBody}, for what somebody wants kept as it is: refuses what JSON would make another thing of in silence, at
 * any depth. A member that is `undefined` is left out.
 *
 * @throws {TapeError} `invalid_input` also for NaN, infinities, dates that are none, functions, symbols, maps and sets, and `undefined` in a list
 */
export function serializeExactly(value: unknown, what: string): string {
  toJson(value, what, refuseWhatIsLost);
  return serializeBody(value, what);
}

function refuseWhatIsLost(this: unknown, key: string, value: unknown): unknown {
  const lost = lostBy(this, (this as Record<string, unknown>)[key], value);
  if (lost !== null) throw new TypeError(`${key === "" ? "it" : `"${key}" in it`} is ${lost}`);
  return value;
}

/** @param given As it stands in its holder, before `toJSON`. */
function lostBy(holder: unknown, given: unknown, value: unknown): string | null {
  if (given instanceof Date && Number.isNaN(given.getTime())) return "a date that is none";
  if (given instanceof Map || given instanceof Set) return "a map or a set";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value === "function" || typeof value === "symbol") return `a ${typeof value}`;
  return value === undefined && Array.isArray(holder) ? "undefined" : null;
}

/** `null` for a body that retention dropped. */
export function parseBody(text: string | null | undefined): unknown {
  return text == null ? null : JSON.parse(text);
}
