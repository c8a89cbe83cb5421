import type { Entry } from "@tape/core";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createHintHub } from "../hint/hub.ts";
import { appendToRun } from "../journal/append.ts";
import { readJournal } from "../journal/read.ts";
import type { Store } from "../store.ts";
import { makeRun, openTestStore, untilOthersHaveEnded, type TestStore } from "../testing/index.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { encodeFeedCursor, FEED_START } from "./cursor.ts";
import { feedCursorAt, readFeed } from "./read.ts";
import { watchJournal } from "./watch.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore({ max: 20 });
});
afterEach(() => store.close());

async function append(tx: Tx, runId: string, times = 1): Promise<void> {
  await tx.query("SELECT FROM tape.runs WHERE id = $1 FOR UPDATE", [runId]);
  const happening = { kind: "run", verb: "sampled", payload: { key: "k", name: "now", fingerprint: "", value: 1 } } as const;
  await appendToRun(tx, { runId, happenings: Array.from({ length: times }, () => happening) });
}

/** A transaction whose number is taken, and that goes on when it is told to. */
async function open(): Promise<{ tx: Tx; commit(): Promise<void> }> {
  const client = new pg.Client({ connectionString: store.connectionString });
  await client.connect();
  await client.query("BEGIN");
  await client.query("SELECT pg_current_xact_id()");
  const tx: Tx = { query: (statement, values) => client.query(statement, values), hint: () => {} };
  return {
    tx,
    commit: async () => {
      await client.query("COMMIT");
      await client.end();
    },
  };
}

const named = ({ runId, seq }: Pick<Entry, "runId" | "seq">) => `${runId}/${seq}`;

/** Everything there is right now after `cursor`, in pages. */
async function drain(cursor: string, limit: number, on: Store = store): Promise<{ entries: Entry[]; cursor: string }> {
  const entries: Entry[] = [];
  for (;;) {
    await untilOthersHaveEnded(store);
    const page = await readFeed(on, { cursor, limit });
    entries.push(...page.entries);
    cursor = page.cursor;
    if (!page.more) return { entries, cursor };
  }
}

/** Every entry that there is, once, and each run's in the order of seq. */
async function expectAllOnce(given: readonly Entry[]): Promise<void> {
  const { rows } = await store.pool.query<{ runId: string; seq: number }>(`SELECT run_id AS "runId", seq FROM tape.entries`);
  expect(given.map(named).sort()).toEqual(rows.map(named).sort());
  const last = new Map<string, number>();
  for (const { runId, seq } of given) {
    expect(seq, runId).toBe((last.get(runId) ?? 0) + 1);
    last.set(runId, seq);
  }
}

describe("readFeed", () => {
  test("a new reader begins at the head; what it gets is what readJournal gives", async () => {
    const before = await makeRun(store);
    await untilOthersHaveEnded(store);
    const { entries: none, cursor } = await readFeed(store);
    expect(none).toEqual([]);
    const run = await makeRun(store, { status: "COMPLETED", output: { paid: 12 } });
    const { entries } = await drain(cursor, 10);
    expect(entries).toEqual((await readJournal(store, { runId: run.id })).items);
    expect((await drain(FEED_START, 1)).entries.map(({ runId }) => runId)).toEqual([before.id, run.id, run.id]);
  });

  test("a transaction that is long open delays what came after it, and nothing of it is lost", async () => {
    const [slow, quick] = [await makeRun(store), await makeRun(store)];
    const { cursor } = await drain(FEED_START, 10);
    const long = await open();
    await append(long.tx, slow.id);
    await inTransaction(store, (tx) => append(tx, quick.id));
    const waiting = await drain(cursor, 10);
    expect(waiting.entries).toEqual([]);
    await long.commit();
    expect((await drain(waiting.cursor, 10)).entries.map(named).sort()).toEqual([`${quick.id}/2`, `${slow.id}/2`].sort());
  });

  test("of two entries of a run the later may be of the older transaction, at any size of a page", async () => {
    const [run, other] = [await makeRun(store), await makeRun(store)];
    const { cursor } = await drain(FEED_START, 10);
    const older = await open();
    await append(older.tx, other.id);
    await inTransaction(store, (tx) => append(tx, run.id, 2));
    await append(older.tx, run.id);
    await older.commit();
    for (const limit of [1, 2, 3, 4]) {
      const { entries } = await drain(cursor, limit);
      expect(entries.filter(({ runId }) => runId === run.id).map(({ seq }) => seq), `limit ${limit}`).toEqual([2, 3, 4]);
      expect(entries).toHaveLength(4);
    }
  });

  test("where an open transaction stands between the two, both wait for it", async () => {
    const [run, other, third] = [await makeRun(store), await makeRun(store), await makeRun(store)];
    const { cursor } = await drain(FEED_START, 10);
    const older = await open();
    const between = await open();
    await inTransaction(store, (tx) => append(tx, run.id));
    await append(older.tx, run.id);
    await older.commit();
    // The numbers: 3 is before the open transaction, 2 after it.
    const { cursor: head } = await readFeed(store);
    const waiting = await drain(cursor, 10);
    expect(waiting.entries).toEqual([]);
    await append(between.tx, other.id);
    await between.commit();
    await inTransaction(store, (tx) => append(tx, third.id));
    // Whoever began meanwhile gets both too, and no run without its middle.
    for (const from of [waiting.cursor, head]) {
      const { entries } = await drain(from, 1);
      expect(entries.map(named).sort()).toEqual([`${run.id}/2`, `${run.id}/3`, `${other.id}/2`, `${third.id}/2`].sort());
      expect(entries.filter(({ runId }) => runId === run.id).map(({ seq }) => seq)).toEqual([2, 3]);
    }
  });

  test("a cursor goes on in the middle of a page, of a window and of a large transaction", async () => {
    const runs = [await makeRun(store), await makeRun(store)];
    await inTransaction(store, async (tx) => {
      for (const { id } of runs.toSorted((one, other) => (one.id < other.id ? -1 : 1))) await append(tx, id, 7);
    });
    const page = await readFeed(store, { cursor: FEED_START, limit: 5 });
    for (const [place, entry] of page.entries.entries()) {
      const rest = await drain(feedCursorAt(page, entry), 3);
      await expectAllOnce([...page.entries.slice(0, place + 1), ...rest.entries]);
    }
  });

  test("other kinds are left out and move the cursor too; large bodies make a page short, never empty", async () => {
    const run = await makeRun(store, { input: "x".repeat(900_000) });
    await inTransaction(store, async (tx) => {
      await tx.query("SELECT FROM tape.runs WHERE id = $1 FOR UPDATE", [run.id]);
      const large = { kind: "signal", verb: "received", payload: { signalId: "sig_1", name: "go", payload: "x".repeat(3_000_000), by: "user:ann" } } as const;
      await appendToRun(tx, { runId: run.id, happenings: [large, large, large] });
    });
    const pages: number[][] = [];
    for (let cursor = FEED_START, more = true; more; ) {
      const page = await readFeed(store, { cursor, kinds: ["signal"] });
      pages.push(page.entries.map(({ seq }) => seq));
      ({ cursor, more } = page);
    }
    expect(pages.filter(({ length }) => length > 0)).toEqual([[2, 3], [4]]);
    expect((await readFeed(store, { cursor: FEED_START, kinds: ["gate"] })).entries).toEqual([]);
  });

  test("what is no cursor is refused, and so is one of another database", async () => {
    const forged = Buffer.from(JSON.stringify([2, "12"])).toString("base64url");
    for (const cursor of ["", "x", forged, Buffer.from(JSON.stringify([1, "-1"])).toString("base64url"), Buffer.from("[1]").toString("base64url")]) {
      await expect(readFeed(store, { cursor }), cursor).rejects.toMatchObject({ code: "invalid_input" });
    }
    await expect(readFeed(store, { cursor: encodeFeedCursor({ from: "999999999999", inside: null }) })).rejects.toThrow(/restored from a dump/);
  });
});

test("every entry once and each run in order, while eight writers with long and short transactions write and the readers read", async () => {
  const runs = await Promise.all(Array.from({ length: 6 }, () => makeRun(store)));
  const isOver = { value: false };
  const random = (most: number) => Math.floor(Math.random() * most);
  const writer = async (): Promise<void> => {
    for (let times = 0; times < 20; times++) {
      const chosen = runs.filter(() => Math.random() < 0.4).map(({ id }) => id).sort();
      await inTransaction(store, async (tx) => {
        // The number is taken now, the turn at the runs comes later.
        if (Math.random() < 0.5) await tx.query("SELECT pg_current_xact_id()");
        for (const id of chosen) {
          if (Math.random() < 0.3) await tx.query("SELECT pg_sleep($1)", [random(15) / 1_000]);
          await append(tx, id, 1 + random(3));
        }
      });
    }
  };
  const reader = async (limit: number): Promise<Entry[]> => {
    const given: Entry[] = [];
    for (let cursor = FEED_START, isLast = false; ; ) {
      isLast = isOver.value;
      const found = await drain(cursor, limit);
      given.push(...found.entries);
      cursor = found.cursor;
      if (isLast) return given;
    }
  };
  const reading = [1, 3, 50].map(reader);
  await Promise.all(Array.from({ length: 8 }, writer));
  isOver.value = true;
  for (const given of await Promise.all(reading)) await expectAllOnce(given);
}, 60_000);

test("watchJournal gives what comes, goes on from a cursor, and ends with its signal", async () => {
  const hub = createHintHub({ connectionString: store.connectionString });
  const stop = new AbortController();
  const given: string[] = [];
  let cursor = FEED_START;
  const first = await makeRun(store);
  for await (const page of watchJournal(store, hub, { cursor, signal: stop.signal })) {
    expect(page.entries.length).toBeGreaterThan(0);
    given.push(...page.entries.map(named));
    cursor = page.cursor;
    if (given.length === 1) await makeRun(store);
    if (given.length === 2) stop.abort();
  }
  const third = await makeRun(store);
  for await (const page of watchJournal(store, hub, { cursor })) {
    expect(page.entries.map(named)).toEqual([`${third.id}/1`]);
    break;
  }
  expect(given[0]).toBe(`${first.id}/1`);
  expect(given).toHaveLength(2);
  await hub.stop();
});

/** The blocks that reading all there is after `cursor` touches. */
async function blocksOf(cursor: string): Promise<number> {
  let blocks = 0;
  interface Plan {
    Plan: Record<"Shared Hit Blocks" | "Shared Read Blocks", number>;
  }
  const query = async (text: string, values: unknown[]) => {
    const { rows } = await store.pool.query<{ "QUERY PLAN": [Plan] }>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
    const { Plan: plan } = rows[0]!["QUERY PLAN"][0];
    blocks += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
    return await store.pool.query(text, values);
  };
  await drain(cursor, 10, { ...store, pool: { query } as unknown as pg.Pool });
  return blocks;
}

test("a page costs the same at forty times the history", async () => {
  const run = await makeRun(store);
  const cost = async (): Promise<number> => {
    const { cursor } = await readFeed(store);
    await inTransaction(store, (tx) => append(tx, run.id, 20));
    return blocksOf(cursor);
  };
  const grow = async (entries: number): Promise<void> => {
    await store.pool.query(
      `INSERT INTO tape.entries (run_id, seq, kind, verb, at, tx) SELECT 'run_old' || n % 97, n, 'run', 'sampled', now(), (1 + n % 500)::text::xid8 FROM generate_series(1, $1::int) n ON CONFLICT DO NOTHING`,
      [entries],
    );
    await store.pool.query("ANALYZE tape.entries");
  };
  await grow(5_000);
  const small = await cost();
  await grow(200_000);
  const large = await cost();
  // Reading all of it would be 2,000 blocks and more, each time.
  expect(large).toBeLessThan(small + 500);
}, 60_000);
