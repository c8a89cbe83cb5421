import { openBackend } from "../backend/open.ts";
import { databaseUrl, openLocalStore, storeBackend } from "../backend/store.ts";
import type { Env } from "../env.ts";
import { endingOf } from "../exit.ts";
import { checkBank, checkConsole } from "./address.ts";
import { checkDatabase } from "./database.ts";
import { well, wrong, type Finding } from "./finding.ts";
import { checkNode } from "./node.ts";
import { checkClock, checkWorkers } from "./tape.ts";

/** Everything a Tape on this machine needs, or, with `TAPE_URL`, everything this machine needs to reach it. */
export async function examine(env: Env): Promise<Finding[]> {
  return [checkNode(), ...(env.remote === null ? await examineHere(env) : await examineThere(env, env.remote.url))];
}

async function examineHere(env: Env): Promise<Finding[]> {
  const [database, console, bank] = await Promise.all([examineDatabase(env), checkConsole(env.consoleUrl), checkBank(env.variables, process.cwd())]);
  return [...database, console, ...bank];
}

async function examineDatabase(env: Env): Promise<Finding[]> {
  let url: string;
  try {
    url = await databaseUrl(env);
  } catch (error) {
    return [wrong("Database", "not running", endingOf(error).message)];
  }
  const store = await openLocalStore(env);
  try {
    const findings = await checkDatabase(env, url, store);
    if (findings.some(({ todo }) => todo !== undefined)) return findings;
    const backend = storeBackend(store, env);
    return [...findings, await checkClock(backend), await checkWorkers(backend)];
  } finally {
    await store.close();
  }
}

async function examineThere(env: Env, url: string): Promise<Finding[]> {
  const answers = await checkConsole(url);
  if (answers.todo !== undefined) return [answers];
  try {
    const backend = await openBackend(env);
    return [answers, await checkClock(backend), well("Token", "accepted"), await checkWorkers(backend)];
  } catch (error) {
    return [answers, wrong("Token", endingOf(error).message, "Make one with tape token create where Tape runs, and set TAPE_TOKEN.")];
  }
}
