/** Adds `Secure` when the browser came by https: to us, or to the proxy before us. */
export function withSecure(setCookie: string, headers: Headers, url: string): string {
  const isHttps = url.startsWith("https:") || headers.get("x-forwarded-proto")?.split(",")[0]?.trim() === "https";
  return isHttps && !/;\s*secure/i.test(setCookie) ? `${setCookie}; Secure` : setCookie;
}
