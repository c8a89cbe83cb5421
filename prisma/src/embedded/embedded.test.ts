import { chmod, cp, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveDatabaseUrl } from "../connection.ts";
import { createPool } from "../pool.ts";
import { startEmbedded, stopEmbedded } from "./index.ts";
import { isRoot } from "./user.ts";

let project: string;
let dir: string;
beforeEach(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), "tape-embedded-"));
  await chmod(project, 0o755);
  dir = path.join(project, ".tape");
});
afterEach(async () => {
  await stopEmbedded({ dir, mode: "immediate" });
  await rm(project, { recursive: true });
});

const KEEP = "create schema tape; create table kept as select 42 as n";

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const pool = createPool({ connectionString: url, max: 1 });
  try {
    return (await pool.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await pool.end();
  }
}

test("it starts from nothing, is found from below, keeps its data over a stop and its port with it", async () => {
  const server = await startEmbedded({ dir });
  await query(server.url, KEEP);
  expect(await resolveDatabaseUrl({ env: { DATABASE_URL: "" }, cwd: path.join(project, "apps/web") })).toBe(server.url);
  expect((await stat(path.join(dir, "postgres.json"))).mode & 0o777).toBe(0o600);
  expect(await query(server.url, "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit")).toEqual([{ fsync: "on", commit: "on" }]);

  await server.stop();
  await server.stop();
  await expect(resolveDatabaseUrl({ env: {}, cwd: project })).rejects.toMatchObject({ code: "database_not_running" });

  const again = await startEmbedded({ dir });
  expect(again).toMatchObject({ url: server.url, adopted: false });
  expect(await query(again.url, "select n from kept")).toEqual([{ n: 42 }]);
});

test("a running server is adopted, and two starts at once end with one", async () => {
  const [one, other] = await Promise.all([startEmbedded({ dir }), startEmbedded({ dir })]);
  expect(other.pid).toBe(one.pid);
  expect(await startEmbedded({ dir })).toMatchObject({ pid: one.pid, adopted: true });
});

test("data of another major version is refused by name", async () => {
  const server = await startEmbedded({ dir });
  await server.stop();
  await writeFile(path.join(server.dataDir, "PG_VERSION"), "17\n");
  await expect(startEmbedded({ dir })).rejects.toMatchObject({ code: "database_unsupported", message: expect.stringContaining("PostgreSQL 17") });
});

test("a password is required", async () => {
  const server = await startEmbedded({ dir });
  const url = new URL(server.url);
  url.password = "wrong";
  await expect(query(url.href, "select 1")).rejects.toThrow("password authentication failed");
});

test("a lock file left by a crash whose process id now belongs to another program is no server", async () => {
  const server = await startEmbedded({ dir });
  const lock = await readFile(path.join(server.dataDir, "postmaster.pid"), "utf8");
  await server.stop();
  await writeFile(path.join(server.dataDir, "postmaster.pid"), lock.replace(/^\d+/, String(process.pid)));
  expect(await startEmbedded({ dir })).toMatchObject({ adopted: false });
});

test("the data survives a lost postgres.json, and a copy of the folder does not take over the original", async () => {
  const server = await startEmbedded({ dir });
  await query(server.url, KEEP);
  await server.stop();
  const copy = path.join(`${project}-copy`, ".tape");
  await cp(dir, copy, { recursive: true, verbatimSymlinks: true });
  const original = await startEmbedded({ dir });
  await cp(path.join(original.dataDir, "postmaster.pid"), path.join(copy, "postgres/data/postmaster.pid"));
  await expect(resolveDatabaseUrl({ env: {}, cwd: path.dirname(copy) })).rejects.toMatchObject({ code: "database_not_running" });
  await stopEmbedded({ dir: copy });
  expect(await resolveDatabaseUrl({ env: { TAPE_DIR: dir }, cwd: "/" })).toBe(original.url);
  const copied = await startEmbedded({ dir: copy });
  expect(copied).toMatchObject({ adopted: false });
  expect(copied.pid).not.toBe(original.pid);
  await copied.stop();
  await rm(path.dirname(copy), { recursive: true });

  await original.stop();
  await rm(path.join(dir, "postgres.json"));
  const again = await startEmbedded({ dir });
  expect(await query(again.url, "select n from kept")).toEqual([{ n: 42 }]);
});

test.runIf(isRoot())("as root below a folder nobody else may enter, the data is kept in a system folder", async () => {
  await chmod(project, 0o700);
  const server = await startEmbedded({ dir });
  try {
    expect(server.dataDir.startsWith(project)).toBe(false);
    await query(server.url, KEEP);
    expect(await resolveDatabaseUrl({ env: {}, cwd: project })).toBe(server.url);
    await server.stop();
    await chmod(project, 0o755);
    const again = await startEmbedded({ dir });
    expect(again.dataDir).toBe(server.dataDir);
    expect(await query(again.url, "select n from kept")).toEqual([{ n: 42 }]);
  } finally {
    await stopEmbedded({ dir });
    await rm(path.dirname(server.dataDir), { recursive: true });
  }
});
