import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { DatabaseError } from "./errors.ts";
import { clientConfig, SCHEMA } from "./pool.ts";

export const MIGRATIONS = path.resolve(import.meta.dirname, "..", "migrations");

export interface MigrateOptions {
  connectionString: string;
  /** The folder of folders with a `migration.sql`. Default: ours. */
  migrations?: string;
  log?: (line: string) => void;
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/** The lock Prisma's own `migrate deploy` takes, so that the two exclude each other. */
const ADVISORY_LOCK = 72_707_369;
const OLDEST_SERVER = 140_000;

/** As Prisma writes it: the table is Prisma's, `prisma migrate status` reads it. */
const RECORD_TABLE = `
  create schema if not exists ${SCHEMA};
  create table if not exists ${SCHEMA}._prisma_migrations (
    id varchar(36) primary key not null,
    checksum varchar(64) not null,
    finished_at timestamptz,
    migration_name varchar(255) not null,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz not null default now(),
    applied_steps_count integer not null default 0
  )`;

/**
 * Brings the database to the migrations on disk, in order, each in a transaction with its record. Any number of
 * processes may call it at once; one does the work and the others find it done.
 *
 * @returns The names of the migrations applied by this call, and of recorded ones that are not on disk (newer code ran here).
 * @throws {DatabaseError} `database_unsupported` below PostgreSQL 14, `migration_conflict` when an applied file was edited,
 *   `migration_failed` when one fails; those before it stay.
 */
export async function migrate({ connectionString, migrations = MIGRATIONS, log }: MigrateOptions): Promise<{ applied: string[]; unknown: string[] }> {
  const wanted = await readMigrations(migrations);
  const client = new pg.Client(clientConfig({ connectionString, applicationName: "tape migrate" }));
  client.on("error", () => {});
  await client.connect();
  try {
    await refuseOldServer(client);
    await client.query("select pg_advisory_lock($1)", [ADVISORY_LOCK]);
    await client.query(RECORD_TABLE);
    const { pending, unknown } = compare(wanted, await readRecords(client));
    for (const migration of pending) {
      log?.(migration.name);
      await apply(client, migration);
    }
    if (pending.length > 0) await client.query("analyze");
    return { applied: pending.map(({ name }) => name), unknown };
  } finally {
    await client.end();
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return await Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(folder, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

async function refuseOldServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: number; version: string }>(
    "select current_setting('server_version_num')::int as number, current_setting('server_version') as version",
  );
  if (rows[0]!.number >= OLDEST_SERVER) return;
  throw new DatabaseError("database_unsupported", `Tape needs PostgreSQL 14 or newer, and this server is ${rows[0]!.version}.`);
}

interface Recorded {
  name: string;
  checksum: string;
  isFinished: boolean;
}

async function readRecords(client: pg.Client): Promise<Map<string, Recorded>> {
  const { rows } = await client.query<Recorded>(
    `select migration_name as name, checksum, finished_at is not null as "isFinished"
       from ${SCHEMA}._prisma_migrations where rolled_back_at is null`,
  );
  return new Map(rows.map((row) => [row.name, row]));
}

function compare(wanted: Migration[], recorded: Map<string, Recorded>): { pending: Migration[]; unknown: string[] } {
  for (const { name, checksum } of wanted) {
    const record = recorded.get(name);
    if (!record) continue;
    if (!record.isFinished) {
      throw new DatabaseError("migration_conflict", `Migration ${name} was begun by another tool and did not finish: repair it with prisma migrate resolve.`);
    }
    if (record.checksum !== checksum) {
      throw new DatabaseError("migration_conflict", `Migration ${name} was edited after it was applied: restore the file and put the change in a new migration.`);
    }
  }
  const names = new Set(wanted.map(({ name }) => name));
  return {
    pending: wanted.filter(({ name }) => !recorded.has(name)),
    unknown: [...recorded.keys()].filter((name) => !names.has(name)),
  };
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(sql);
    await client.query(
      `insert into ${SCHEMA}._prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       values ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw new DatabaseError("migration_failed", `Migration ${name} failed and changed nothing: ${(error as Error).message}`, { cause: error });
  }
}
