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

function toJson(value: unknown, what: string): string {
  if (value === undefined) return "null";
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new TapeError("invalid_input", `${what} is not JSON: ${(error as Error).message}`, undefined, { cause: error });
  }
  // A function, a symbol: JSON leaves them out, and an entry would stand there without its field.
  if (text === undefined) throw new TapeError("invalid_input", `${what} is not JSON: it is a ${typeof value}`);
  return text;
}

/** `null` for a body that retention dropped. */
export function parseBody(text: string | null | undefined): unknown {
  return text == null ? null : JSON.parse(text);
}
