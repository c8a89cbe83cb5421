import { readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { DatabaseError } from "../errors.ts";
import { initialise, passwordOf, SUPERUSER } from "./initialise.ts";
import { dataDirOf, findPlace, logFileOf, type Place } from "./place.ts";
import { freePort, readyPostmaster, removeForeignLock, type Postmaster } from "./postmaster.ts";
import { run } from "./program.ts";
import { writeSettings } from "./settings.ts";
import { readState, settledHome, writeState } from "./state.ts";
import { stopEmbedded } from "./stop.ts";

export interface StartEmbeddedOptions {
  /** The `.tape` folder. */
  dir: string;
  /** Told in a few words what takes seconds. */
  log?: (line: string) => void;
}

export interface EmbeddedServer {
  /** Of the database `tape`, as its owner. */
  url: string;
  pid: number;
  port: number;
  dataDir: string;
  logFile: string;
  /** Whether it was found running. */
  adopted: boolean;
  stop(): Promise<void>;
}

const DATABASE = "tape";
const START_ATTEMPTS = 3;

/**
 * Starts the server of a `.tape` folder, or adopts the one that is running, and writes `.tape/postgres.json`. It
 * listens on loopback only, on the port of the last time if that is free, and outlives this process until stopped.
 *
 * @throws {DatabaseError} `database_unsupported` when this machine cannot run it.
 */
export async function startEmbedded(options: StartEmbeddedOptions): Promise<EmbeddedServer> {
  const dir = path.resolve(options.dir);
  const last = await readState(dir);
  const place = await findPlace(path.join(dir, "postgres"), await settledHome(dir));
  await initialise(place, { log: options.log });
  const found = await readyPostmaster(dataDirOf(place.home));
  const { pid, port } = found ?? (await launch(place, { port: last?.port ?? 0, isDurable: true }));
  const url = urlOf(await passwordOf(place), port);
  await ensureDatabase(url);
  const dataDir = dataDirOf(place.home);
  const logFile = logFileOf(place.home);
  await writeState(dir, { url, port, pid, dataDir, nativeDir: place.nativeDir, logFile, dir });
  return { url, pid, port, dataDir, logFile, adopted: found !== undefined, stop: () => stopEmbedded({ dir }) };
}

export function urlOf(password: string, port: number, database = DATABASE): string {
  return `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

/**
 * Starts the server and waits until it takes connections. A port that was taken meanwhile is replaced by another;
 * a server that someone else started meanwhile is taken as it is.
 */
export async function launch(place: Place, wanted: { port: number; isDurable: boolean }): Promise<Postmaster> {
  const dataDir = dataDirOf(place.home);
  const logFile = logFileOf(place.home);
  await removeForeignLock(dataDir);
  for (let attempt = 1, port = wanted.port; ; attempt += 1, port = 0) {
    await writeSettings(dataDir, { port: await freePort(port), isDurable: wanted.isDurable });
    const failure = await run(place, "pg_ctl", ["-D", dataDir, "-w", "-t", "60", "-l", logFile, "-s", "start"]).catch((error: unknown) => error);
    const started = await readyPostmaster(dataDir);
    if (started) return started;
    const said = await readFile(logFile, "utf8").then((text) => text.slice(-2_000), () => "");
    if (said.includes("could not bind") && attempt < START_ATTEMPTS) continue;
    throw new DatabaseError("database_unsupported", `The embedded PostgreSQL did not start: read ${logFile}`, { cause: failure });
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const administrative = new URL(url);
  administrative.pathname = "/postgres";
  const client = new pg.Client({ connectionString: administrative.href });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`).catch(ignoreDuplicate);
  } finally {
    await client.end();
  }
}

const DUPLICATE_DATABASE = "42P04";
const UNIQUE_VIOLATION = "23505";

function ignoreDuplicate(error: unknown): void {
  const { code } = error as { code?: string };
  if (code !== DUPLICATE_DATABASE && code !== UNIQUE_VIOLATION) throw error;
}
