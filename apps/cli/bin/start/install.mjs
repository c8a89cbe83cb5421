import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "./place.mjs";
import { run } from "./run.mjs";
import { hashOf, isStamped, stamp } from "./stamp.mjs";

const STAMP = path.join(ROOT, "node_modules/.tape-stamp");

export const wantedStamp = async () => `${await hashOf([path.join(ROOT, "pnpm-lock.yaml")])} ${process.platform}-${process.arch}\n`;

/**
 * Installs the packages, unless this lockfile is what is installed already for this platform: then no package manager
 * is called at all.
 */
export async function install(tell) {
  const wanted = await wantedStamp();
  if (existsSync(path.join(ROOT, "apps/cli/node_modules")) && (await isStamped(STAMP, wanted))) return "up to date";
  tell("installing, once");
  const { packageManager } = JSON.parse(await readFile(path.join(ROOT, "package.json"), "utf8"));
  await run({
    name: "install",
    command: "npx",
    args: ["-y", packageManager, "install", "--frozen-lockfile", "--reporter=append-only"],
    cwd: ROOT,
    env: { ...process.env, CI: "true" },
    failure: "The packages were not installed",
  });
  await stamp(STAMP, wanted);
  return "installed";
}
