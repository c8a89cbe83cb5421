import { HINT_CHANNEL } from "@tape/core";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendToRun } from "./journal/append.ts";
import { readJournal } from "./journal/read.ts";
import { getRun } from "./run/get.ts";
import { openStore } from "./store.ts";
import { makeRun, openTestStore, type TestStore } from "./testing/index.ts";
import { inTransaction } from "./transaction.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await store.pool.query("CREATE TABLE tape.counter (id int PRIMARY KEY, n int NOT NULL)");
  await store.pool.query("INSERT INTO tape.counter VALUES (1, 0), (2, 0)");
});
afterAll(() => store.close());

const counts = async () => (await store.pool.query<{ n: number }>("SELECT n FROM tape.counter ORDER BY id")).rows.map(({ n }) => n);

test("two that lock each other out are both done: the one PostgreSQL stopped is tried again", async () => {
  const before = await counts();
  let attempts = 0;
  const bump = (first: number, second: number) =>
    inTransaction(store, async (tx) => {
      attempts++;
      await tx.query("UPDATE tape.counter SET n = n + 1 WHERE id = $1", [first]);
      await tx.query("SELECT pg_sleep(0.1)");
      await tx.query("UPDATE tape.counter SET n = n + 1 WHERE id = $1", [second]);
    });
  await Promise.all([bump(1, 2), bump(2, 1)]);
  expect(await counts()).toEqual(before.map((n) => n + 2));
  expect(attempts).toBe(3);
});

test("what throws leaves nothing, and its hints never leave", async () => {
  const listener = new pg.Client({ connectionString: store.database.url });
  await listener.connect();
  const heard: string[] = [];
  listener.on("notification", ({ payload }) => heard.push(payload!));
  await listener.query(`LISTEN ${HINT_CHANNEL}`);
  const before = await counts();
  const failing = inTransaction(store, async (tx) => {
    tx.hint({ on: "timer", at: 1 });
    await tx.query("UPDATE tape.counter SET n = 99");
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  expect(await counts()).toEqual(before);

  await store.pool.query("CREATE TABLE tape.late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
  const failingAtCommit = inTransaction(store, async (tx) => {
    tx.hint({ on: "timer", at: 2 });
    await tx.query("INSERT INTO tape.late VALUES (1), (1)");
  });
  await expect(failingAtCommit).rejects.toThrow("duplicate key");
  await inTransaction(store, async (tx) => tx.hint({ on: "reactors" }));
  await expect.poll(() => heard).toEqual(['[{"on":"reactors"}]']);
  await listener.end();
});

test("a database that is away is unavailable, in a transaction and in a read", async () => {
  const away = openStore({ connectionString: "postgres://nobody@127.0.0.1:1/none" });
  await expect(inTransaction(away, async () => {})).rejects.toMatchObject({ code: "unavailable" });
  await expect(getRun(away, { id: (await makeRun(store)).id })).rejects.toMatchObject({ code: "unavailable" });
  await Promise.all([away.close(), away.close()]);
});

test("a connection that breaks in the middle is unavailable, keeps nothing, and the next transaction has a new one", async () => {
  const before = await counts();
  const broken = inTransaction(store, async (tx) => {
    await tx.query("UPDATE tape.counter SET n = n + 1");
    const { rows } = await tx.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await store.database.pool().query("SELECT pg_terminate_backend($1)", [rows[0]!.pid]);
    await tx.query("SELECT 1");
  });
  await expect(broken).rejects.toMatchObject({ code: "unavailable" });
  await inTransaction(store, (tx) => tx.query("UPDATE tape.counter SET n = n + 1"));
  expect(await counts()).toEqual(before.map((n) => n + 1));
});

test("a connection that breaks in the commit says that nobody knows", async () => {
  const broken = inTransaction(store, async (tx) => {
    await tx.query("UPDATE tape.counter SET n = n + 1");
    const { rows } = await tx.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await store.database.pool().query("SELECT pg_terminate_backend($1)", [rows[0]!.pid]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
  await expect(broken).rejects.toMatchObject({ code: "unavailable", details: { committed: "unknown" } });
});

test("entries of many writers are gapless from 1, in one order, with their bodies", async () => {
  const { id } = await makeRun(store);
  const write = (n: number) =>
    inTransaction(store, async (tx) => {
      await tx.query("SELECT FROM tape.runs WHERE id = $1 FOR UPDATE", [id]);
      const wake = { kind: "timer", verb: "fired", payload: { timerId: `t${n}`, kind: "wake" } } as const;
      return await appendToRun(tx, { runId: id, happenings: [wake, wake], inbox: 1 });
    });
  const written = await Promise.all(Array.from({ length: 40 }, (_, n) => write(n)));
  const { items, nextCursor } = await readJournal(store, { runId: id, limit: 50 });
  expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  const rest = await readJournal(store, { runId: id, fromSeq: Number(nextCursor) });
  expect(rest.items.at(-1)!.seq).toBe(81);
  expect(rest.nextCursor).toBeNull();
  for (const [n, { firstSeq, seq }] of written.entries()) {
    expect(seq).toBe(firstSeq + 1);
    const line = [...items, ...rest.items].find((entry) => entry.seq === firstSeq)!;
    expect(line.payload).toEqual({ timerId: `t${n}`, kind: "wake" });
  }
});

test("a status is not moved from where the event may not leave it, and nothing is appended then", async () => {
  const { id } = await makeRun(store, { status: "RUNNING" });
  const append = inTransaction(store, (tx) => appendToRun(tx, { runId: id, happenings: [{ kind: "run", verb: "redriven", payload: { by: "x", reason: "y" } }], event: "wake" }));
  await expect(append).rejects.toMatchObject({ code: "illegal_transition" });
  expect(await getRun(store, { id })).toMatchObject({ status: "RUNNING", seq: 1 });
  const unknown = inTransaction(store, (tx) => appendToRun(tx, { runId: "run_none", happenings: [{ kind: "run", verb: "compensated", payload: {} }] }));
  await expect(unknown).rejects.toMatchObject({ code: "not_found" });
});
