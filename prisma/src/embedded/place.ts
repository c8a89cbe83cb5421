import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chown, lchown, mkdir, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { DatabaseError } from "../errors.ts";
import { copyNative, installedNative, linkLibraries } from "./native.ts";
import { isRoot, serverUser, type ServerUser } from "./user.ts";

/** Where a server's programs and data are, and who runs it. */
export interface Place {
  nativeDir: string;
  /** Major version of the programs. */
  major: number;
  /** Owned by the server's user; holds `data`, `password` and `server.log`. */
  home: string;
  user: ServerUser;
}

export const dataDirOf = (home: string) => path.join(home, "data");
export const logFileOf = (home: string) => path.join(home, "server.log");

/** Folders that outlive a reboot, for a project whose own folder the server's user cannot enter. */
const SYSTEM_FOLDERS = ["/var/lib/tape", "/var/tmp/tape"];

/** Tried as the user itself: modes, access lists and mounts all have a say. */
function canRun(user: ServerUser, folder: string, nativeDir: string): boolean {
  if (user.uid === undefined) return true;
  const postgres = path.join(nativeDir, "bin", "postgres");
  const probe = spawnSync("/bin/sh", ["-c", 'cd "$0" && exec "$1" --version', folder, postgres], { ...user, cwd: "/", stdio: "ignore" });
  return probe.status === 0;
}

async function systemFolder(): Promise<string> {
  for (const folder of SYSTEM_FOLDERS) {
    const isMade = await mkdir(folder, { recursive: true, mode: 0o755 }).then(() => true, () => false);
    if (isMade) return folder;
  }
  throw new DatabaseError("database_unsupported", `PostgreSQL cannot enter this folder as an unprivileged user and ${SYSTEM_FOLDERS[0]} is not writable: set DATABASE_URL.`);
}

/**
 * Decides where the server of `home` lives, and makes the folder. Normally that is `home` itself with the installed
 * programs. As root, when the unprivileged user cannot enter (a project under `/root`), it is a system folder:
 * programs once per version, data under a name derived from `home`.
 *
 * @param settled The home an earlier start decided on, which holds the data.
 */
export async function findPlace(home: string, settled = home): Promise<Place> {
  const { nativeDir: installed, version } = installedNative();
  const isLinked = await linkLibraries(installed).then(() => true, () => false);
  const user = await prepare(settled);
  const isUsable = isLinked && canRun(user, "/", installed);
  const nativeDir = isUsable ? installed : path.join(isRoot() ? await systemFolder() : settled, `native-${version}`);
  if (!isUsable) await copyNative(installed, nativeDir);
  const major = Number.parseInt(version, 10);
  if (canRun(user, settled, nativeDir)) return { nativeDir, major, home: settled, user };

  const name = createHash("sha256").update(home).digest("hex").slice(0, 12);
  const elsewhere = path.join(await systemFolder(), name);
  return { nativeDir, major, home: elsewhere, user: await prepare(elsewhere) };
}

/** Makes the folder for the user that will run a server in it. */
async function prepare(home: string): Promise<ServerUser> {
  await mkdir(path.dirname(home), { recursive: true });
  await mkdir(home, { recursive: true, mode: 0o700 });
  const user = await serverUser(dataDirOf(home));
  if (user.uid !== undefined && user.gid !== undefined) await handOver(home, user.uid, user.gid);
  return user;
}

/** All of it, when a copy made by root left it to root. */
async function handOver(home: string, uid: number, gid: number): Promise<void> {
  const data = await stat(dataDirOf(home)).catch(() => undefined);
  const isStrange = data !== undefined && data.uid !== uid;
  const entries = isStrange ? await readdir(home, { withFileTypes: true, recursive: true }) : [];
  for (const entry of entries) await lchown(path.join(entry.parentPath, entry.name), uid, gid);
  await chown(home, uid, gid);
}
