import net from "node:net";
import { createTestDatabase, startTestServer, type TestDatabase } from "@tape/prisma/testing";
import { newId } from "@tape/core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { silent } from "../log.ts";
import type { Service } from "../service.ts";
import { torture } from "../testing/torture.ts";
import { until } from "../testing/until.ts";
import { lockKeyOf } from "./lock-key.ts";
import { createPresence, type PresenceOptions } from "./presence.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const running: Service[] = [];
afterEach(() => Promise.all(running.splice(0).map((service) => service.stop())));

function world(options: Partial<PresenceOptions> = {}, on: TestDatabase = database) {
  const id = newId("wrk");
  const pool = on.pool();
  const presence = createPresence({
    id,
    connectionString: on.url,
    register: (lockKey) =>
      pool.query(
        `INSERT INTO tape.workers (id, host, pid, started_at, beat_at, lock_key) VALUES ($1, 'here', 1, now(), now(), $2)
         ON CONFLICT (id) DO UPDATE SET lock_key = excluded.lock_key`,
        [id, lockKey],
      ),
    leave: () => pool.query("DELETE FROM tape.workers WHERE id = $1", [id]),
    log: silent,
    beatMs: 30,
    ...options,
  });
  running.push(presence);
  const row = async () => {
    const { rows } = await pool.query<{ beat_at: Date; running: number; lock_key: number | null }>("SELECT * FROM tape.workers WHERE id = $1", [id]);
    return rows[0];
  };
  const isLocked = async () => {
    const { rows } = await pool.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32) | objid::bigint = $1", [lockKeyOf(id)]);
    return rows.length === 1;
  };
  return { id, pool, presence, row, isLocked };
}

test("stands the torture", { timeout: 60_000 }, async () => {
  const { presence, row } = world();
  await torture(presence, { rounds: 2 });
  expect(await row()).toBeUndefined();
});

test("between start and stop: a row, beats, how many it drives, and a lock of its session", async () => {
  const { id, presence, row, isLocked } = world();
  await presence.start();
  expect(await row()).toMatchObject({ running: 0, lock_key: lockKeyOf(id) });
  await until(isLocked);
  const first = (await row())?.beat_at;
  presence.tell({ running: 7 });
  await until(async () => (await row())?.running === 7);
  expect((await row())?.beat_at).not.toEqual(first);
  expect(presence.stats().steadyMs).toBeGreaterThan(0);

  await presence.stop();
  expect(presence.mayJudge()).toBe(false);
  expect([await row(), await isLocked(), presence.stats().steadyMs]).toEqual([undefined, false, 0]);
});

test("a main thread that hangs does not stop the beats", async () => {
  const { id, pool, presence } = world();
  await pool.query(`
    CREATE TABLE beats (id text, at timestamptz);
    CREATE FUNCTION keep_beat() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO beats VALUES (NEW.id, NEW.beat_at); RETURN NULL; END $$;
    CREATE TRIGGER keep_beat AFTER UPDATE ON tape.workers FOR EACH ROW EXECUTE FUNCTION keep_beat()`);
  await presence.start();
  const hungFor = 1_000;
  const began = Date.now();
  while (Date.now() < began + hungFor);
  const { rows } = await pool.query<{ count: number }>("SELECT count(*) FROM beats WHERE id = $1 AND at BETWEEN $2 AND $3", [id, new Date(began), new Date(began + hungFor - 50)]);
  expect(rows[0]?.count).toBeGreaterThan(3);
});

test("a worker whose row was removed registers again", async () => {
  const { pool, id, presence, row } = world();
  await presence.start();
  await pool.query("DELETE FROM tape.workers WHERE id = $1", [id]);
  await until(row);
});

test("start waits for a database that is away, and stop ends the waiting", async () => {
  const { presence } = world({ register: () => Promise.reject(new Error("database away")) });
  const starting = presence.start();
  await presence.stop();
  await expect(starting).rejects.toThrow("presence was stopped");
});

test("a restart of the database: it says again that it is alive and takes its lock again", { timeout: 60_000 }, async () => {
  const server = await startTestServer({ isDurable: false });
  try {
    const own = await createTestDatabase({ server });
    const { presence, row, isLocked } = world({}, own);
    await presence.start();
    await until(isLocked);
    const before = (await row())?.beat_at ?? new Date(0);
    await server.halt({ mode: "immediate" });
    await until(() => presence.stats().steadyMs === 0);
    await server.start();
    await until(() => presence.stats().steadyMs > 0);
    await until(isLocked);
    expect(presence.mayJudge()).toBe(false);
    const after = (await row())?.beat_at ?? new Date(0);
    expect(after.getTime()).toBeGreaterThan(before.getTime());
    await presence.stop();
  } finally {
    await server.stop();
  }
});

test("it judges nobody before it has been heard itself for two seconds", async () => {
  const { presence } = world();
  await presence.start();
  expect(presence.mayJudge()).toBe(false);
  await until(() => presence.mayJudge());
  expect(presence.stats().steadyMs).toBeGreaterThanOrEqual(2_000);
});

test("behind a pooler no lock is promised, and the beats go on", async () => {
  const pooler = await startPooler(new URL(database.url));
  try {
    const url = new URL(database.url);
    url.port = String(pooler.port);
    const { presence, row, isLocked } = world({ connectionString: url.href });
    await presence.start();
    await until(async () => (await row())?.lock_key === null);
    expect([presence.stats().sessionsLast, await isLocked()]).toEqual([false, false]);
    expect(presence.stats().steadyMs).toBeGreaterThan(0);
    await presence.stop();
  } finally {
    pooler.close();
  }
});

/** Names another server process at login than the one that answers, as poolers do. */
async function startPooler(target: URL): Promise<{ port: number; close(): void }> {
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(target.port), target.hostname);
    client.pipe(upstream);
    upstream.on("data", (data) => {
      const place = data.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]));
      if (place >= 0) data.writeUInt32BE(999_999_999, place + 5);
      client.write(data);
    });
    for (const [one, other] of [[client, upstream], [upstream, client]] as const) one.on("close", () => other.destroy()).on("error", () => other.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as net.AddressInfo).port, close: () => void server.close() };
}
