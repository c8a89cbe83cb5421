// The process that loads tape.config.ts and drives its runs: node --import tsx src/main.ts
import { createWorker } from "@tape/worker";
import type { Logger } from "pino";
import { loadConfig } from "./config.ts";
import { openDatabase } from "./database.ts";
import { listenForEnd, type Ending } from "./ending.ts";
import { readEnv, type Env } from "./env.ts";
import { createLog } from "./log.ts";

/** How long bodies may take to finish after the first signal (ms). */
const GRACE_MS = 10_000;
/** How long a database that is away is waited for at the start (ms). */
const PATIENCE_MS = 60_000;
/** Past the grace period and the release of the leases, the process ends whatever hangs: its leases are found stale (ms). */
const END_MS = GRACE_MS + 15_000;

async function work(env: Env, log: Logger, ending: Ending): Promise<void> {
  const cwd = process.cwd();
  const config = await loadConfig(env.configPath, cwd);
  const store = await openDatabase({
    env: env.database,
    cwd,
    patienceMs: PATIENCE_MS,
    onWait: (reason) => log.warn({ reason }, "waiting for the database"),
    signal: ending.asked,
  });
  const worker = createWorker({ store, config, options: { leaseTtlMs: env.leaseTtlMs, graceMs: GRACE_MS, log } });
  ending.hurried.addEventListener("abort", () => worker.hurry());

  const ready = worker.start().then(() => void process.stdout.write(`${JSON.stringify({ ready: true, worker: worker.id })}\n`));
  await Promise.race([ready, ending.whenAsked]);
  await ending.whenAsked;
  log.info({}, "stopping: bodies may finish, leases are released");
  setTimeout(() => process.exit(1), END_MS).unref();
  await worker.stop();
  await store.close();
}

async function main(): Promise<void> {
  const env = readEnv();
  const log = createLog(env.logLevel, process.stderr.isTTY === true);
  // A branch of one agent that nobody awaited is no reason to take all the others down.
  process.on("unhandledRejection", (error) => log.error({ err: error }, "a promise was rejected and nobody handled it"));
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "an exception that nobody caught ends this worker; others take its runs over");
    process.exit(1);
  });
  const ending = listenForEnd();
  await work(env, log, ending).catch((error: unknown) => {
    if (!ending.asked.aborted) throw error;
    log.debug({ err: error }, "ended before it was ready");
  });
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
