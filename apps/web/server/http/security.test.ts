import { expect, test } from "vitest";
import { pageHeaders } from "./security.ts";
import { isForeignOrigin } from "./origin.ts";

test("a page runs only scripts with its nonce, and nobody frames it", () => {
  const headers = pageHeaders({ nonce: "abc", frameAncestors: [], isDevelopment: false });
  expect(headers["content-security-policy"]).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic';");
  expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(headers["content-security-policy"]).not.toContain("unsafe-eval");
  expect(headers["x-frame-options"]).toBe("DENY");
});

test("an embedded page is framed by the origins that were named", () => {
  const headers = pageHeaders({ nonce: "abc", frameAncestors: ["https://intranet.example"], isDevelopment: false });
  expect(headers["content-security-policy"]).toContain("frame-ancestors https://intranet.example");
  expect(headers).not.toHaveProperty("x-frame-options");
});

test("an Origin is ours when it is the host the browser connected to", () => {
  expect(isForeignOrigin("http://127.0.0.1:3000", "127.0.0.1:3000")).toBe(false);
  expect(isForeignOrigin("https://tape.example", "tape.example")).toBe(false);
  expect(isForeignOrigin(undefined, "127.0.0.1:3000")).toBe(false);
  for (const origin of ["http://127.0.0.1:3001", "http://localhost:3000", "null", "", "https://evil.example"]) {
    expect([origin, isForeignOrigin(origin, "127.0.0.1:3000")]).toEqual([origin, true]);
  }
});
