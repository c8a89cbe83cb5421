import { expect, test } from "vitest";
import { readEnv } from "./env.ts";

const DATABASE_URL = "postgres://127.0.0.1:5432/tape";

test("an empty variable is unset, and what is given is parsed once", async () => {
  expect(await readEnv({ DATABASE_URL, PORT: "", HOST: "", TAPE_SECRET: "", TAPE_LOG: "", NODE_ENV: "" }, "/")).toEqual({
    databaseUrl: DATABASE_URL,
    port: 3000,
    host: "127.0.0.1",
    secret: undefined,
    embedOrigins: [],
    logLevel: "info",
    isDevelopment: false,
  });
  const given = { DATABASE_URL, PORT: "0", TAPE_EMBED_ORIGINS: "https://a.example/x, http://b.example:8080" };
  expect(await readEnv(given, "/")).toMatchObject({ port: 0, embedOrigins: ["https://a.example", "http://b.example:8080"] });
});

test("what does not fit is named", async () => {
  for (const [name, value] of [["PORT", "70000"], ["TAPE_EMBED_ORIGINS", "everywhere"], ["TAPE_LOG", "loud"], ["TAPE_SECRET", "short"]] as const) {
    await expect(readEnv({ DATABASE_URL, [name]: value }, "/")).rejects.toThrow(new RegExp(`^${name} `));
  }
});
