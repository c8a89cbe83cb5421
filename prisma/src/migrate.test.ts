import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrate, MIGRATIONS } from "./migrate.ts";
import { createPool } from "./pool.ts";
import { createEmptyDatabase } from "./testing/database.ts";

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let folder: string;
beforeEach(async () => {
  database = await createEmptyDatabase();
  folder = await mkdtemp(path.join(os.tmpdir(), "tape-migrations-"));
});
afterEach(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

async function put(name: string, sql: string): Promise<void> {
  await mkdir(path.join(folder, name), { recursive: true });
  await writeFile(path.join(folder, name, "migration.sql"), sql);
}

const run = () => migrate({ connectionString: database.url, migrations: folder });
const records = async () => (await database.pool().query("select migration_name as name from _prisma_migrations order by started_at, name")).rows.map((row) => row.name as string);

test("ours are applied once, recorded as Prisma records them, and leave public empty", async () => {
  const first = await migrate({ connectionString: database.url });
  expect(first.applied[0]).toBe("0001_accounts");
  expect(await migrate({ connectionString: database.url })).toEqual({ applied: [], unknown: [] });

  const { rows } = await database.pool().query("select checksum, finished_at is not null as finished, applied_steps_count as steps from _prisma_migrations where migration_name = '0001_accounts'");
  const sql = await readFile(path.join(MIGRATIONS, "0001_accounts/migration.sql"));
  expect(rows).toEqual([{ checksum: createHash("sha256").update(sql).digest("hex"), finished: true, steps: 1 }]);
  expect((await database.pool().query("select relname from pg_class where relnamespace = 'public'::regnamespace")).rows).toEqual([]);
});

test("four processes that start at once apply each migration once", async () => {
  await put("1_slow", "create table one (n int); select pg_sleep(0.3)");
  await put("2_next", "create table two (n int)");
  const script = `import { migrate } from ${JSON.stringify(path.join(import.meta.dirname, "migrate.ts"))};
    console.log(JSON.stringify(await migrate(${JSON.stringify({ connectionString: database.url, migrations: folder })})));`;
  const start = () => promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], { cwd: path.join(import.meta.dirname, "..") });
  const outputs = await Promise.all([start(), start(), start(), start()]);
  expect(outputs.flatMap(({ stdout }) => (JSON.parse(stdout) as { applied: string[] }).applied).sort()).toEqual(["1_slow", "2_next"]);
  expect(await records()).toEqual(["1_slow", "2_next"]);
});

test("a migration that fails keeps nothing of itself and all before it", async () => {
  await put("1_good", "create table good (n int)");
  await put("2_bad", "create table bad (n int); select no_such_column");
  await expect(run()).rejects.toMatchObject({ code: "migration_failed", message: expect.stringContaining("2_bad") });
  expect(await records()).toEqual(["1_good"]);
  await put("2_bad", "create table bad (n int)");
  expect((await run()).applied).toEqual(["2_bad"]);
});

test("an applied file that was edited is refused by name", async () => {
  await put("1_first", "create table one (n int)");
  await run();
  await put("1_first", "create table one (n bigint)");
  await expect(run()).rejects.toMatchObject({ code: "migration_conflict", message: expect.stringContaining("1_first was edited") });
});

test("what newer code applied is named and left alone", async () => {
  await put("1_first", "select 1");
  await put("2_newer", "select 1");
  await run();
  await rm(path.join(folder, "2_newer"), { recursive: true });
  expect(await run()).toEqual({ applied: [], unknown: ["2_newer"] });
});

test("a migration another tool left half done is refused", async () => {
  await put("1_first", "select 1");
  await run();
  const pool = createPool({ connectionString: database.url });
  await pool.query("update _prisma_migrations set finished_at = null");
  await pool.end();
  await expect(run()).rejects.toMatchObject({ code: "migration_conflict", message: expect.stringContaining("did not finish") });
});
