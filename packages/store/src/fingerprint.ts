import { createHash } from "node:crypto";
import { TapeError } from "@tape/core";
import canonicalize from "canonicalize";

/**
 * SHA-256 (hex) of RFC 8785 canonical JSON (D8): the same for the same value, whatever the order of its keys.
 * `undefined` counts as `null`, as it does when it is stored.
 *
 * @throws {TapeError} `invalid_input` for what is not JSON: NaN, an infinity, a BigInt, a cycle.
 */
export function fingerprint(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

function canonical(value: unknown): string {
  try {
    return canonicalize(value) ?? "null";
  } catch (error) {
    throw new TapeError("invalid_input", `This is not JSON: ${(error as Error).message}.`, undefined, { cause: error });
  }
}
