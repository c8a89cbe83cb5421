import { DatabaseError, resolveDatabaseUrl } from "@tape/prisma";
import { isConnectionFailure, listWorkers, openStore, type Store } from "@tape/store";
import { TapeError } from "@tape/core";
import { Trouble } from "./trouble.ts";

export interface DatabaseOptions {
  env: Record<string, string | undefined>;
  cwd: string;
  /** How long a database that is away is waited for (ms). */
  patienceMs: number;
  /** Told once, when it has to wait. */
  onWait: (reason: string) => void;
  /** Aborted: wait no longer. */
  signal: AbortSignal;
}

const RETRY_MS = 500;
const NO_SCHEMA = new Set(["42P01", "3F000", "42703"]);
/** Prepared statements of the hot verbs, a commit, renewals and a reactor each on their own (connections). */
const POOL = 10;

/** Opens the store on a database that answers and has our schema. @throws {Trouble} when it does not within `patienceMs` */
export async function openDatabase(options: DatabaseOptions): Promise<Store> {
  const deadline = performance.now() + options.patienceMs;
  let isTold = false;
  for (;;) {
    try {
      return await tryToOpen(options);
    } catch (error) {
      if (!isAway(error)) throw troubleOf(error);
      if (performance.now() > deadline) throw new Trouble(`${messageOf(error)} Waited ${Math.round(options.patienceMs / 1_000)} s for it.`);
      if (!isTold) options.onWait(messageOf(error));
      isTold = true;
      await pause(RETRY_MS, options.signal);
    }
  }
}

async function tryToOpen({ env, cwd }: DatabaseOptions): Promise<Store> {
  const connectionString = await resolveDatabaseUrl({ env, cwd });
  const store = openStore({ connectionString, applicationName: "tape worker", max: POOL });
  try {
    await listWorkers(store);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

function isAway(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.code === "database_not_running";
  return isConnectionFailure(error) || TapeError.is(error, "unavailable");
}

function troubleOf(error: unknown): Trouble {
  if (NO_SCHEMA.has(String((error as { code?: unknown }).code))) {
    return new Trouble("The database has no Tape tables, or older ones: run npm run -s tape -- migrate.", { cause: error });
  }
  return new Trouble(`The database cannot be used: ${messageOf(error)}`, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
