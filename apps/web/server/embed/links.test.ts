import { expect, test } from "vitest";
import { createLinks } from "./links.ts";

const secret = "a secret of the sessions, 32 characters";
const links = createLinks(secret);
const expiresAtMs = Date.UTC(2026, 10, 24);

test("a link is good for its run and says until when", () => {
  expect(links.expiryOf("run_1", links.sign("run_1", expiresAtMs))).toBe(expiresAtMs);
  expect(createLinks(secret).expiryOf("run_1", links.sign("run_1", expiresAtMs))).toBe(expiresAtMs);
});

test("L3 a token of another run, secret or expiry, and anything else, is none", () => {
  const token = links.sign("run_1", expiresAtMs);
  const [expiry = "", signature = ""] = token.split(".");
  const later = (expiresAtMs + 1).toString(36);
  const flipped = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
  for (const [runId, forged] of [
    ["run_2", token],
    ["run_1", createLinks(`${secret}!`).sign("run_1", expiresAtMs)],
    ["run_1", `${later}.${signature}`],
    ["run_1", `${expiry}.${flipped}`],
    ["run_1", `${expiry}.${signature}x`],
    ["run_1", expiry],
    ["run_1", ""],
    ["run_1", "\0"],
    ["run_1\n", token],
    [`${expiry}\nrun_1`, token],
  ] as const) {
    expect([runId, forged, links.expiryOf(runId, forged)]).toEqual([runId, forged, null]);
  }
});
