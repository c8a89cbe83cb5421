import { randomBytes } from "node:crypto";

/** Headers of everything that is not a page: data and errors, never cached, never run. */
export const API_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** The same of `/embed/…`, which pages of others may show in a frame: its own policy says whose. */
export const EMBED_HEADERS: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(API_HEADERS).filter(([name]) => name !== "x-frame-options"));

export function newNonce(): string {
  return randomBytes(16).toString("base64");
}

export interface PagePolicy {
  nonce: string;
  /** Who may show this page in a frame; nobody when it is empty. */
  frameAncestors: readonly string[];
  isDevelopment: boolean;
}

/**
 * What a page may load: our own files, and scripts that carry this answer's nonce. Next reads the nonce out of the same
 * header on the request. Style attributes are React's, so inline styles are allowed; the development server needs `eval`.
 */
export function pagePolicy({ nonce, frameAncestors, isDevelopment }: PagePolicy): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${isDevelopment ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${frameAncestors.length > 0 ? frameAncestors.join(" ") : "'none'"}`,
  ].join("; ");
}

/** Headers of a page of Next's. */
export function pageHeaders(policy: PagePolicy): Record<string, string> {
  return {
    "content-security-policy": pagePolicy(policy),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    ...(policy.frameAncestors.length === 0 && { "x-frame-options": "DENY" }),
  };
}
