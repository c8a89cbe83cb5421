import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
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

/** `undefined` when there is none, or when it cannot be read as one. */
export async function readState(dir: string): Promise<EmbeddedState | undefined> {
  try {
    const state = JSON.parse(await readFile(path.join(dir, FILE), "utf8")) as EmbeddedState;
    return typeof state.url === "string" && typeof state.dataDir === "string" ? state : undefined;
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

/**
 * The home an earlier start chose for the data of `dir`, if it is still there. A project that was moved keeps its
 * data; one that was copied does not take over the data of the original.
 */
export async function settledHome(dir: string): Promise<string | undefined> {
  const state = await readState(dir);
  if (!state || !existsSync(state.dataDir)) return undefined;
  const isOurs = state.dir === dir || !existsSync(state.dir);
  return isOurs ? path.dirname(state.dataDir) : undefined;
}
