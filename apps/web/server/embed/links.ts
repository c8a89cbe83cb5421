import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

const DAY_MS = 24 * 60 * 60 * 1000;
export const DEFAULT_LIFE_MS = 30 * DAY_MS;
export const MOST_LIFE_MS = 366 * DAY_MS;

/**
 * Read-only tokens for the progress of one run: `<expiry>.<signature>`, kept nowhere. They end with their expiry, or all at
 * once with a new session secret.
 */
export function createLinks(secret: string) {
  // A key of its own: nothing that the secret signs elsewhere can be passed off as a link.
  const key = Buffer.from(hkdfSync("sha256", secret, "", "tape/embed/progress/v1", 32));
  const signatureOf = (runId: string, expiry: string) => createHmac("sha256", key).update(`${expiry}\n${runId}`).digest();

  return {
    sign(runId: string, expiresAtMs: number): string {
      const expiry = expiresAtMs.toString(36);
      return `${expiry}.${signatureOf(runId, expiry).toString("base64url")}`;
    },
    /** Until when the token is good for this run (ms since 1970); null when it never was. */
    expiryOf(runId: string, token: string): number | null {
      const [, expiry, signature] = /^([0-9a-z]{1,11})\.([\w-]{43})$/.exec(token) ?? [];
      if (expiry === undefined || signature === undefined) return null;
      return timingSafeEqual(Buffer.from(signature, "base64url"), signatureOf(runId, expiry)) ? Number.parseInt(expiry, 36) : null;
    },
  };
}

export type Links = ReturnType<typeof createLinks>;
