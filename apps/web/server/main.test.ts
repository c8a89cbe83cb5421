import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { startTestServer, createTestDatabase, type TestDatabase } from "@tape/prisma/testing";
import { createToken, openStore } from "@tape/store";
import { io } from "socket.io-client";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startServer } from "./start.ts";
import { createLog } from "./log.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Starts the process and tells how it ended. */
async function run(env: Record<string, string>): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), path.join(import.meta.dirname, "main.ts")], {
    env: { ...process.env, NODE_ENV: "production", DATABASE_URL: database.url, ...env },
    cwd: "/tmp",
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "exit")) as [number | null];
  return { code, stderr };
}

test("what keeps it from starting is said in one line with what to do", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const ends = await Promise.all([
    run({ PORT: String(port) }),
    run({ DATABASE_URL: "postgres://nobody@127.0.0.1:9/none", PORT: "0" }),
    run({ DATABASE_URL: "", TAPE_SECRET: "short" }),
  ]);
  taken.close();
  expect(ends.map(({ code }) => code)).toEqual([1, 1, 1]);
  const lines = ends.map(({ stderr }) => stderr.trim());
  expect(lines[0]).toBe(`Port ${port} is taken: stop what listens there, or set PORT to another one.`);
  expect(lines[1]).toMatch(/^The database cannot be reached: .*npm start/);
  expect(lines[2]).toMatch(/^TAPE_SECRET needs at least 32 characters/);
  for (const line of lines) expect(line.split("\n")).toHaveLength(1);
}, 120_000);

test("a database that goes away is unavailable, and is used again when it is back", async () => {
  const postgres = await startTestServer({ isDurable: false });
  const own = await createTestDatabase({ server: postgres });
  const store = openStore({ connectionString: own.url });
  const { token } = await createToken(store, { name: "test", role: "viewer", actor: { id: "cli:test@localhost", email: null, role: "admin" } });
  await store.close();
  const server = await startServer({ env: { databaseUrl: own.url, host: "127.0.0.1", port: 0, secret: undefined }, log: createLog("silent") });
  const get = (where: string) => fetch(`${server.url}${where}`, { headers: { authorization: `Bearer ${token}` } });
  try {
    expect([(await get("/healthz")).status, (await get("/readyz")).status, (await get("/api/v1/runs")).status]).toEqual([200, 200, 200]);
    await postgres.halt({ mode: "immediate" });
    const away = await get("/api/v1/runs");
    expect([away.status, await away.json()]).toMatchObject([503, { error: { code: "unavailable" } }]);
    expect([(await get("/healthz")).status, (await get("/readyz")).status]).toEqual([200, 503]);
    expect((await fetch(`${server.url}/sign-in?token=x`)).status).toBe(503);
    // Not refused, which would be for good: the client comes back by itself.
    const socket = io(server.url, { auth: { token }, transports: ["websocket"] });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await postgres.start();
    await vi.waitFor(() => expect(socket.connected).toBe(true), { timeout: 15_000 });
    socket.disconnect();
    await vi.waitFor(async () => expect((await get("/api/v1/runs")).status).toBe(200), { timeout: 10_000 });
  } finally {
    await server.stop();
    await postgres.stop();
  }
}, 120_000);

test("the session secret is made once; two servers and a restart share it", async () => {
  const env = { databaseUrl: database.url, host: "127.0.0.1", port: 0, secret: undefined };
  const [one, two] = await Promise.all([1, 2].map(() => startServer({ env, log: createLog("silent") })));
  await Promise.all([one!.stop(), two!.stop()]);
  const pool = database.pool();
  const { rows } = await pool.query("SELECT key FROM tape.settings WHERE key = 'session_secret'");
  expect(rows).toHaveLength(1);
});
