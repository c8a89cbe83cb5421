import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, startTestServer, type TestServer } from "./index.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

test("an immediate restart drops every session, keeps what was committed and stays at its address", async () => {
  const database = await createTestDatabase({ server });
  const pool = database.pool();
  await pool.query("create table kept as select 42 as n");
  const before = await server.pid();
  const sleeping = pool.query("select pg_sleep(60)");
  sleeping.catch(() => {});

  await server.restart({ mode: "immediate" });
  await expect(sleeping).rejects.toThrow();
  expect(await server.pid()).not.toBe(before);
  expect((await pool.query("select n, current_setting('fsync') as fsync from kept")).rows).toEqual([{ n: 42, fsync: "on" }]);
  await database.drop();
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("the server of a killed process is stopped and its folder removed", async () => {
  const script = `import { startTestServer } from ${JSON.stringify(path.join(import.meta.dirname, "index.ts"))};
    const server = await startTestServer({ isDurable: false });
    console.log(JSON.stringify({ pid: await server.pid(), folder: server.folder }));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { pid, folder } = JSON.parse(line.toString()) as { pid: number; folder: string };
  child.kill("SIGKILL");
  await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false);
  await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
});
