import { createHash } from "node:crypto";

/** The advisory lock that says a worker's session is alive: 52 bits of a hash of its id, so that it fits a JavaScript number. */
export function lockKeyOf(workerId: string): number {
  const bytes = createHash("sha256").update(`tape worker ${workerId}`).digest();
  return bytes.readUIntBE(0, 6) * 16 + (bytes.readUInt8(6) >> 4);
}
