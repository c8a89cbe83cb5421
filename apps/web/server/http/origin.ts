/**
 * Does a browser say that this comes from a page of another site? `Host` is what the browser itself connected to, so a
 * page of ours, and only one, has it as its origin (D49). No `Origin` at all: not a browser, or a plain same-site GET.
 */
export function isForeignOrigin(origin: string | null | undefined, host: string | null | undefined): boolean {
  if (origin === null || origin === undefined) return false;
  try {
    return new URL(origin).host !== host?.toLowerCase();
  } catch {
    return true; // "null": a sandboxed frame, a file, a redirect from elsewhere.
  }
}

/** Where the asker reached us: over https when the proxy before us was reached so. */
export function outwardOrigin(headers: Headers, url: string): string {
  const { protocol, host } = new URL(url);
  const forwarded = headers.get("x-forwarded-proto")?.split(",")[0]?.trim();
  return `${forwarded === "https" ? "https:" : protocol}//${host}`;
}
