import { TapeError } from "@tape/core";
import { fingerprint } from "@tape/store";
import { storable } from "./storable.ts";

/**
 * Arguments as the journal keeps them, with their fingerprint (D8).
 * @throws {TapeError} `invalid_input` when they are not JSON, `payload_too_large` over 1 MiB: nothing is asked then
 */
export function keepArguments(what: string, value: unknown): { value: unknown; fingerprint: string } {
  const kept = storable(value);
  if (!kept.ok) {
    const code = kept.message.startsWith("it has") ? "payload_too_large" : "invalid_input";
    throw new TapeError(code, `the arguments of ${what} cannot be stored: ${kept.message}`);
  }
  const plain = kept.value === undefined ? null : kept.value;
  return { value: plain, fingerprint: fingerprint(plain) };
}
