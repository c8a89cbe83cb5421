import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { SILENT } from "./environment.mjs";
import { ROOT, WEB } from "./place.mjs";
import { run } from "./run.mjs";
import { hashOf, isStamped, PASSED_OVER, stamp } from "./stamp.mjs";
import { Trouble } from "./trouble.mjs";

const STAMP = path.join(WEB, ".next/tape-stamp");
const SHARED = ["packages/client/src", "packages/core/src", "pnpm-lock.yaml"].map((name) => path.join(ROOT, name));

/** The server half and the words about it are not part of what is built. */
const isInput = (name) => !PASSED_OVER.test(name) && !["server", "vitest.config.ts", "turbo.json"].includes(name) && !name.endsWith(".md");

async function inputs() {
  const names = await readdir(WEB);
  return [...names.filter(isInput).sort().map((name) => path.join(WEB, name)), ...SHARED];
}

/** Builds the screens, unless what they were built from is what is there now. */
export async function buildScreens(tell) {
  const next = path.join(WEB, "node_modules/next/dist/bin/next");
  if (!existsSync(next)) throw new Trouble("apps/web has no Next.js: remove node_modules/.tape-stamp and run npm start.");
  const wanted = await hashOf(await inputs());
  if (existsSync(path.join(WEB, ".next/BUILD_ID")) && (await isStamped(STAMP, wanted))) return "up to date";
  tell("building, once");
  await run({
    name: "build",
    command: process.execPath,
    args: [next, "build"],
    cwd: WEB,
    env: { ...process.env, ...SILENT, NODE_ENV: "production" },
    failure: "The screens were not built",
  });
  await stamp(STAMP, wanted);
  return "built";
}
