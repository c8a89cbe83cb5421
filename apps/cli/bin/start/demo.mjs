import path from "node:path";
import { DEMO, ROOT, STATE } from "./place.mjs";
import { run } from "./run.mjs";
import { isStamped, stamp } from "./stamp.mjs";
import { Trouble } from "./trouble.mjs";

const SEEDED = path.join(STATE, "seeded");

/** Fills a new database with the demo's runs. Seeding is idempotent; the stamp only saves the time. */
export async function seedDemo(env, isNew) {
  if (!isNew && (await isStamped(SEEDED, "1\n"))) return false;
  await run({
    name: "seed",
    command: process.execPath,
    args: ["--import", "tsx", path.join(DEMO, "src/seed/main.ts")],
    cwd: DEMO,
    env,
    failure: "The demo was not seeded",
  });
  await stamp(SEEDED, "1\n");
  return true;
}

/** A fresh one-time link, from the same command a person would use. */
export async function signInLink(env) {
  const output = await run({
    name: "sign-in",
    command: process.execPath,
    args: [path.join(ROOT, "apps/cli/bin/tape.mjs"), "sign-in"],
    cwd: ROOT,
    env: { ...env, TAPE_URL: "", NO_COLOR: "1" },
    failure: "There is no sign-in link",
  });
  const link = /https?:\/\/\S+\/sign-in\?token=\S+/.exec(output)?.[0];
  if (!link) throw new Trouble("There is no sign-in link: run npm run -s tape -- sign-in.");
  return link;
}
