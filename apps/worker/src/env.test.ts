import { expect, test } from "vitest";
import { readEnv } from "./env.ts";

test("defaults, and an empty variable is an unset one", () => {
  expect(readEnv({ TAPE_CONFIG: "", TAPE_LEASE_TTL_MS: "", DATABASE_URL: "" })).toEqual({
    configPath: "tape.config.ts",
    leaseTtlMs: 120_000,
    logLevel: "info",
    database: {},
  });
});

test("what is set is taken", () => {
  const env = { TAPE_CONFIG: "/a/tape.config.ts", TAPE_LEASE_TTL_MS: "5000", TAPE_LOG: "debug", DATABASE_URL: "postgres://x" };
  expect(readEnv(env)).toMatchObject({ configPath: "/a/tape.config.ts", leaseTtlMs: 5_000, logLevel: "debug", database: { DATABASE_URL: "postgres://x" } });
});

test.each([
  ["TAPE_LEASE_TTL_MS", "soon"],
  ["TAPE_LEASE_TTL_MS", "10"],
  ["TAPE_LOG", "loud"],
])("%s=%s is refused in one line that names it", (name, value) => {
  expect(() => readEnv({ [name]: value })).toThrow(new RegExp(`^${name}: [^\\n]+$`));
});
