import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { openTestStore, type TestStore } from "@tape/store/testing";
import { getRun, listWorkers, startRun } from "@tape/store";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill("SIGKILL")));

const CONFIG = fileURLToPath(new URL("./tape.config.ts", import.meta.url));

function spawnWorker(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["--import", "tsx", "src/main.ts"], {
    cwd: path.resolve(import.meta.dirname, ".."),
    env: { ...process.env, TAPE_CONFIG: CONFIG, DATABASE_URL: store.connectionString, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  const exit = once(child, "exit").then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null }));
  return { child, said, exit };
}

async function ready(worker: ReturnType<typeof spawnWorker>): Promise<string> {
  await expect.poll(() => worker.said.out, { timeout: 20_000 }).toMatch(/\n/);
  const line = JSON.parse(worker.said.out) as { ready: boolean; worker: string };
  expect(line).toEqual({ ready: true, worker: expect.stringMatching(/^wrk_/) });
  return line.worker;
}

const statusOf = async (id: string) => (await getRun(store, { id })).status;
const start = async (agent: string) => (await startRun(store, { app: "worker-app-test", agent, startedBy: "user:test" })).run.id;

test("it says once that it is ready, drives runs, and ends in order when it is asked to", async () => {
  const worker = spawnWorker();
  const id = await ready(worker);
  expect((await listWorkers(store)).map((each) => each.id)).toEqual([id]);
  const run = await start("hello");
  await expect.poll(() => statusOf(run), { timeout: 10_000 }).toBe("COMPLETED");

  worker.child.kill("SIGTERM");
  expect(await worker.exit).toEqual({ code: 0, signal: null });
  expect(await listWorkers(store)).toEqual([]);
  for (const line of worker.said.err.trim().split("\n")) expect(JSON.parse(line)).toMatchObject({ name: "worker" });
});

test("SIGTERM lets a body finish; what is left is released", async () => {
  const worker = spawnWorker();
  await ready(worker);
  const run = await start("slowly");
  const effects = async () => (await store.pool.query<{ status: string }>("SELECT status FROM tape.effects WHERE run_id = $1", [run])).rows.map(({ status }) => status);
  await expect.poll(effects, { timeout: 10_000 }).toEqual(["PENDING"]);
  worker.child.kill("SIGTERM");
  expect(await worker.exit).toEqual({ code: 0, signal: null });
  expect(await getRun(store, { id: run })).toMatchObject({ lease: null });
  expect(["RUNNABLE", "COMPLETED"]).toContain(await statusOf(run));
  expect(await effects()).toEqual(["CONFIRMED"]);
});

test.each([
  ["a configuration that is missing", { TAPE_CONFIG: "nowhere/tape.config.ts" }, /nowhere\/tape\.config\.ts does not exist: set TAPE_CONFIG/],
  ["one that exports something else", { TAPE_CONFIG: "vitest.config.ts" }, /vitest\.config\.ts exports no configuration: it must say export default defineConfig/],
  ["a wrong variable", { TAPE_LEASE_TTL_MS: "soon" }, /^TAPE_LEASE_TTL_MS: /],
  ["a database that does not exist", { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" }, null],
])("%s is told in one line", async (_, env, expected) => {
  const worker = spawnWorker(env);
  if (expected === null) {
    await expect.poll(() => worker.said.err, { timeout: 20_000 }).toContain("waiting for the database");
    worker.child.kill("SIGTERM");
    expect(await worker.exit).toEqual({ code: 0, signal: null });
    return;
  }
  expect(await worker.exit).toEqual({ code: 1, signal: null });
  expect(worker.said.err.trim()).toMatch(expected);
  expect(worker.said.err.trim().split("\n")).toHaveLength(1);
});
