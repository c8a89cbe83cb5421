import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, realpath, rename, writeFile } from "node:fs/promises";
import path from "node:path";

/** What `.tape/postgres.json` says (mode 0600: the URL carries the password). Kept when the server stops. */
export interface EmbeddedState {
  url: string;
  port: number;
  /** Process id of the postmaster, `null` when it was stopped in order. */
  pid: number | null;
  dataDir: string;
  nativeDir: string;
  logFile: string;
  /** The folder this file was written in; differs from where it is after a move or a copy. */
  dir: string;
}

const FILE = "postgres.json";

/**
 * `undefined` when there is none, when it cannot be read, or when it came here with a copy of the folder: the server it
 * names is the original's. A folder that was moved keeps its own.
 */
export async function readState(folder: string): Promise<EmbeddedState | undefined> {
  const dir = path.resolve(folder);
  try {
    const state = JSON.parse(await readFile(path.join(dir, FILE), "utf8")) as EmbeddedState;
    const isOurs = state.dir === dir || !existsSync(state.dir) || (await realpath(state.dir)) === (await realpath(dir));
    return isOurs ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the file in one step, so that a reader sees the old or the new, never half. */
export async function writeState(dir: string, state: EmbeddedState): Promise<void> {
  await mkdir(dir, { recursive: true });
  const draft = path.join(dir, `${FILE}.${randomBytes(4).toString("hex")}`);
  await writeFile(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, path.join(dir, FILE));
}

/** The state of the nearest `.tape` folder at or above `cwd`. */
export async function findState(cwd: string): Promise<EmbeddedState | undefined> {
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    const state = await readState(path.join(folder, ".tape"));
    if (state || folder === path.dirname(folder)) return state;
  }
}

/** The home an earlier start chose for the data of `dir`, if it is still there. */
export async function settledHome(dir: string): Promise<string | undefined> {
  const state = await readState(dir);
  return state && existsSync(state.dataDir) ? path.dirname(state.dataDir) : undefined;
}
