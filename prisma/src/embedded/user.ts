import { execFileSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { DatabaseError } from "../errors.ts";

/** Who runs the server's programs. Empty: whoever we are. */
export interface ServerUser {
  uid?: number;
  gid?: number;
}

export const isRoot = () => process.getuid?.() === 0;

function lookUp(name: string): ServerUser | undefined {
  const ask = (flag: string) => Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  try {
    return { uid: ask("-u"), gid: ask("-g") };
  } catch {
    return undefined;
  }
}

/**
 * PostgreSQL refuses to run as root. As root it runs as the owner of the data it already has, else as `postgres`
 * where that user exists, else as `nobody`.
 */
export async function serverUser(dataDir: string): Promise<ServerUser> {
  if (!isRoot()) return {};
  const owner = await stat(dataDir).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const user = lookUp("postgres") ?? lookUp("nobody");
  if (user) return user;
  throw new DatabaseError(
    "database_unsupported",
    "PostgreSQL does not run as root and there is no user postgres or nobody: start as another user, or set DATABASE_URL.",
  );
}
