import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { migrate, MIGRATIONS } from "../migrate.ts";

/** Distinguishes templates of other migrations on a server that is kept between runs. */
async function fingerprint(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(MIGRATIONS)).sort()) {
    const sql = await readFile(path.join(MIGRATIONS, name, "migration.sql")).catch(() => "");
    hash.update(name).update(sql);
  }
  return hash.digest("hex").slice(0, 12);
}

/** Of another database of the same server. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs statements on the server's maintenance connection. */
export async function administer<T>(serverUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl, application_name: "tape testing" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const LOCK = "select pg_advisory_lock(hashtext('tape testing template'))";

/**
 * The name of a migrated database to clone, made by whoever asks first. Nobody can connect to it, which is what
 * lets it be cloned at any moment.
 */
export async function ensureTemplate(serverUrl: string): Promise<string> {
  const name = `tape_template_${await fingerprint()}`;
  await administer(serverUrl, async (client) => {
    await client.query(LOCK);
    const { rowCount } = await client.query("select from pg_database where datname = $1", [name]);
    if (rowCount) return;
    const draft = `${name}_draft`;
    await client.query(`drop database if exists ${draft}`);
    await client.query(`create database ${draft}`);
    await migrate({ connectionString: databaseUrl(serverUrl, draft) });
    await client.query(`alter database ${draft} with allow_connections false is_template true`);
    await client.query(`alter database ${draft} rename to ${name}`);
  });
  return name;
}
