import { serverTime, systemStatus, type Store } from "@tape/store";
import type { Env } from "../env.ts";
import { endingOf } from "../exit.ts";
import { well, wrong, type Finding } from "./finding.ts";

const START = "Run npm start in the Tape folder, or correct DATABASE_URL.";

/** Is there one, does it answer, may we in, is it new enough, and are its tables ours? */
export async function checkDatabase(env: Env, url: string, store: Store): Promise<Finding[]> {
  const place = placeOf(url, env);
  const version = await serverVersion(store).catch((error: unknown) => endingOf(error).message);
  if (!/^\d/.test(version)) return [wrong("Database", `${place}: ${version}`, START)];
  if (Number.parseInt(version, 10) < 14) return [wrong("Database", `PostgreSQL ${version} at ${place}`, "Tape needs PostgreSQL 14 or newer.")];
  return [well("Database", `PostgreSQL ${version} at ${place}`), await checkTables(store)];
}

async function checkTables(store: Store): Promise<Finding> {
  try {
    const { runs } = await systemStatus(store);
    await serverTime(store);
    const all = Object.values(runs).reduce((sum, each) => sum + each, 0);
    return well("Tables", `present, ${all === 1 ? "1 run" : `${all} runs`}`);
  } catch (error) {
    return wrong("Tables", endingOf(error).message, "Run tape migrate.");
  }
}

async function serverVersion({ pool }: Store): Promise<string> {
  const { rows } = await pool.query<{ server_version: string }>("SHOW server_version");
  return rows[0]?.server_version ?? "unknown";
}

/** Where the URL points, without its password, and who said so. */
function placeOf(url: string, { variables }: Env): string {
  const said = variables.DATABASE_URL === undefined ? "embedded" : "DATABASE_URL";
  if (!URL.canParse(url)) return said;
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || "5432"}${pathname} (${said})`;
}
