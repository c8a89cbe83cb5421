import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** `t=<unix seconds>,v1=<hex of HMAC-SHA-256 over "t.body">` */
export function signatureOf(secret: string, body: string, atMs: number): string {
  const seconds = String(Math.floor(atMs / 1000));
  return `t=${seconds},v1=${hmac(secret, seconds, body).toString("hex")}`;
}

export interface VerifySignature {
  /** What the sink was given; several while you change it. */
  secret: string | readonly string[];
  /** The header `X-Tape-Signature`. */
  header: string | null | undefined;
  /** The body as it came, byte for byte, before it is parsed. */
  body: string | Uint8Array;
  /** How far the sender's clock may be from yours, and how old a delivery may be (ms). Default 300,000. */
  toleranceMs?: number;
  /** Milliseconds since 1970. Default: the clock of this process. */
  now?: number;
}

const delivered = z.object({
  secret: z.union([z.string(), z.array(z.string())]),
  header: z.string().nullish(),
  body: z.union([z.string(), z.instanceof(Uint8Array)]),
  toleranceMs: z.number().optional(),
  now: z.number().optional(),
});

/** For receivers of a webhook sink: was this body signed with the secret, lately? Never throws. */
export function verifySignature(delivery: VerifySignature): boolean {
  if (!delivered.safeParse(delivery).success) return false;
  const { secret, header, body, toleranceMs = 300_000, now = Date.now() } = delivery;
  const parts = (header ?? "").split(",").map((part) => part.trim().split("=", 2));
  const seconds = parts.find(([name]) => name === "t")?.[1] ?? "";
  if (!/^\d{1,12}$/.test(seconds) || Math.abs(now - Number(seconds) * 1000) > toleranceMs) return false;
  const given = parts.flatMap(([name, value]) => (name === "v1" && /^[0-9a-f]{64}$/.test(value ?? "") ? [Buffer.from(value!, "hex")] : []));
  const secrets = typeof secret === "string" ? [secret] : secret;
  return secrets.some((each) => {
    const expected = hmac(each, seconds, body);
    return given.some((signature) => timingSafeEqual(signature, expected));
  });
}

function hmac(secret: string, seconds: string, body: string | Uint8Array): Buffer {
  return createHmac("sha256", secret).update(`${seconds}.`).update(body).digest();
}
