import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, chown, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseError } from "../errors.ts";
import { INCLUDE } from "./settings.ts";
import { dataDirOf, type Place } from "./place.ts";
import { run } from "./program.ts";

export const SUPERUSER = "tape";

/** The server's password, made once. */
export async function passwordOf({ home, user }: Place): Promise<string> {
  const file = path.join(home, "password");
  try {
    return (await readFile(file, "utf8")).trim();
  } catch {
    await writeFile(file, randomBytes(18).toString("base64url"), { mode: 0o600, flag: "wx" }).catch(() => {});
    if (user.uid !== undefined && user.gid !== undefined) await chown(file, user.uid, user.gid);
    return (await readFile(file, "utf8")).trim();
  }
}

export interface InitialiseOptions {
  /** `false` leaves the flush to disk to the operating system. Only for test servers. Default `true`. */
  isSynced?: boolean;
  log?: (line: string) => void;
}

/**
 * Makes the data folder if there is none. It is built under another name and moved into place, so an interrupted
 * first start leaves nothing half made, and of two first starts one wins.
 *
 * @throws {DatabaseError} `database_unsupported` when another major version made it.
 */
export async function initialise(place: Place, { isSynced = true, log }: InitialiseOptions = {}): Promise<void> {
  const dataDir = dataDirOf(place.home);
  const made = await readFile(path.join(dataDir, "PG_VERSION"), "utf8").catch(() => undefined);
  if (made && Number(made) !== place.major) {
    throw new DatabaseError("database_unsupported", `${dataDir} was made by PostgreSQL ${made.trim()} and this is ${place.major}: dump it with the older Tape, or move it away to begin anew.`);
  }
  if (made) return;
  log?.("making the data folder");
  await passwordOf(place);
  const draft = `${dataDir}.${randomBytes(4).toString("hex")}`;
  await run(place, "initdb", [
    ...["-D", draft, "-U", SUPERUSER, "--pwfile", path.join(place.home, "password")],
    ...["--auth", "scram-sha-256", "--encoding", "UTF8"],
    ...["--locale-provider", "builtin", "--locale", "C", "--builtin-locale", "C.UTF-8"],
    ...(isSynced ? [] : ["--no-sync"]),
  ]);
  await appendFile(path.join(draft, "postgresql.conf"), INCLUDE);
  await rename(draft, dataDir).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(path.join(dataDir, "PG_VERSION"))) throw error;
  });
}
