import { afterAll, beforeAll, expect, test } from "vitest";
import { actors, makeRun, openTestStore, type TestStore } from "../testing/index.ts";
import { getValue } from "./get.ts";
import { valueHistory } from "./history.ts";
import { listNamespaces } from "./list-namespaces.ts";
import { listValues } from "./list.ts";
import { readVersions } from "./read-versions.ts";
import { deleteValue, setValue, type SetValue } from "./set.ts";
import { writeValues } from "./write.ts";

let store: TestStore;
let places = 0;
beforeAll(async () => {
  store = await openTestStore({ max: 20 });
});
afterAll(async () => {
  await store.close();
});

const writer = "sdk:test";
const place = () => ({ namespace: `test/${++places}`, key: "k", writer });
const set = (where: { namespace: string; key: string; writer: string }, value: unknown, more: Partial<SetValue> = {}) => setValue(store, { ...where, value, ...more });
const audited = async (namespace: string) =>
  (await store.pool.query("SELECT actor, action, details::json AS details FROM tape.audit WHERE details::json ->> 'namespace' = $1 ORDER BY id", [namespace])).rows;

test("V1 write, write, delete: versions 1, 2 and tombstone 3; a stale compare-and-set is told the present version", async () => {
  const where = place();
  expect(await getValue(store, where)).toBeNull();
  expect(await set(where, { n: 1 })).toMatchObject({ version: 1, value: { n: 1 }, deleted: false, writer });
  expect(await set(where, null)).toMatchObject({ version: 2, value: null, deleted: false });
  expect(await deleteValue(store, where)).toMatchObject({ version: 3, value: null, deleted: true });
  expect(await getValue(store, where)).toMatchObject({ version: 3, deleted: true });
  await expect(set(where, 1, { ifVersion: 2 })).rejects.toMatchObject({ code: "version_conflict", details: { version: 3, live: false } });
  await expect(deleteValue(store, where)).rejects.toMatchObject({ code: "not_found" });
  await expect(deleteValue(store, { ...where, ifVersion: 1 })).rejects.toMatchObject({ code: "version_conflict", details: { version: 3 } });
  expect(await set(where, "again", { ifVersion: 3 })).toMatchObject({ version: 4, value: "again" });
  const { items } = await valueHistory(store, where);
  expect(items.map(({ version, value, deleted }) => [version, value, deleted])).toEqual([[4, "again", false], [3, null, true], [2, null, false], [1, { n: 1 }, false]]);
});

test("V1 ifNotLive takes what was never written and what was deleted, and nothing else", async () => {
  const where = place();
  await expect(set(where, 1, { ifVersion: 1 })).rejects.toMatchObject({ code: "version_conflict", details: { version: 0 } });
  await expect(deleteValue(store, where)).rejects.toMatchObject({ code: "not_found", details: { version: 0 } });
  expect(await set(where, 1, { ifNotLive: true })).toMatchObject({ version: 1 });
  await expect(set(where, 2, { ifNotLive: true })).rejects.toMatchObject({ code: "version_conflict", details: { version: 1, live: true } });
  await deleteValue(store, { ...where, ifVersion: 1 });
  expect(await set(where, 3, { ifNotLive: true })).toMatchObject({ version: 3 });
  expect(await set(place(), 0, { ifVersion: 0 })).toMatchObject({ version: 1 });
});

test("V2 eight writers compare and set at the same moment, for two hundred versions: one winner for each, the losers are told", async () => {
  const where = { ...place(), value: "1" };
  // Each on a connection of its own, past the batching of one process.
  const connections = await Promise.all(Array.from({ length: 8 }, () => store.pool.connect()));
  for (let version = 0; version < 200; version++) {
    const outcomes = (await Promise.all(connections.map((connection) => writeValues(connection, [{ ...where, ifVersion: version }])))).flat();
    expect(outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value.version] : []))).toEqual([version + 1]);
    expect(outcomes.flatMap((outcome) => (outcome.ok ? [] : [[outcome.code, outcome.version]]))).toEqual(Array.from({ length: 7 }, () => ["version_conflict", version + 1]));
  }
  connections.forEach((connection) => connection.release());
  const changes = await readVersions(store, { ...where, after: 0, limit: 300 });
  expect(changes.map(({ version }) => version)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
});

test("the first version written by eight at once: eight versions, or with a condition one and seven conflicts, never an error", async () => {
  for (let turn = 0; turn < 20; turn++) {
    const free = place();
    const all = await Promise.all(Array.from({ length: 8 }, () => writeValues(store.pool, [{ ...free, value: "1" }])));
    expect(all.flat().map((outcome) => outcome.ok && outcome.value.version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const once = place();
    const raced = await Promise.all(Array.from({ length: 8 }, () => writeValues(store.pool, [{ ...once, value: "1", ifNotLive: true }])));
    expect(raced.flat().filter(({ ok }) => ok)).toHaveLength(1);
    expect(raced.flat().filter((outcome) => !outcome.ok && outcome.code === "version_conflict" && outcome.version === 1)).toHaveLength(7);
  }
});

test("many processes write many new keys in any order: nothing is lost, and nobody waits in a circle", async () => {
  const { namespace } = place();
  const turns = 20;
  const burst = async (n: number) => {
    for (let turn = 0; turn < turns; turn++) {
      const keys = Array.from({ length: 50 }, (_, key) => `k${(key * 7 + n * 13) % 50}`);
      await writeValues(store.pool, keys.map((key) => ({ namespace, key, value: "1", writer })));
    }
  };
  await Promise.all(Array.from({ length: 6 }, (_, n) => burst(n)));
  const { rows } = await store.pool.query(`SELECT version::int, count(*)::int AS n FROM tape."values" WHERE namespace = $1 GROUP BY 1`, [namespace]);
  expect(rows).toEqual([{ version: 6 * turns, n: 50 }]);
});

test("a burst from one process travels together, keeps the order of each key, and refuses only what is refused", async () => {
  const { namespace } = place();
  const asked = Array.from({ length: 300 }, (_, n) => setValue(store, { namespace, key: `k${n % 3}`, value: n, writer, ...(n === 100 && { ifVersion: 999 }) }));
  const settled = await Promise.allSettled(asked);
  expect(settled.flatMap(({ status }, n) => (status === "rejected" ? [n] : []))).toEqual([100]);
  for (const key of ["k0", "k1", "k2"]) {
    const changes = await readVersions(store, { namespace, key, after: 0, limit: 200 });
    expect(changes.map(({ value }) => value)).toEqual(Array.from({ length: 300 }, (_, n) => n).filter((n) => `k${n % 3}` === key && n !== 100));
  }
});

test("one statement answers each of its inputs by its place, refusals included", async () => {
  const [one, two, three, four] = [place(), place(), place(), place()];
  await set(one, 1);
  const outcomes = await writeValues(store.pool, [
    { ...one, value: "2", ifVersion: 5 },
    { ...two, value: "2" },
    { ...three, value: null },
    { ...four, value: "1", fence: { runId: "run_none", owner: "wrk_1", epoch: 1 } },
  ]);
  expect(outcomes).toMatchObject([{ ok: false, code: "version_conflict", version: 1 }, { ok: true, written: true }, { ok: false, code: "not_found" }, { ok: false, code: "lease_lost" }]);
  expect(await getValue(store, four)).toBeNull();
});

test("a fence holds for the driver's owner and epoch, and refuses everybody else with lease_lost", async () => {
  const where = place();
  const { id: runId } = await makeRun(store, { status: "RUNNING", owner: "wrk_a" });
  const fence = { runId, owner: "wrk_a", epoch: 1 };
  expect(await set(where, 1, { fence })).toMatchObject({ version: 1 });
  await store.pool.query("UPDATE tape.runs SET owner = 'wrk_b', epoch = 2 WHERE id = $1", [runId]);
  for (const stale of [fence, { ...fence, epoch: 2 }, { ...fence, owner: "wrk_b" }]) {
    await expect(set(where, 2, { fence: stale })).rejects.toMatchObject({ code: "lease_lost" });
  }
  expect(await set(where, 2, { fence: { runId, owner: "wrk_b", epoch: 2 } })).toMatchObject({ version: 2 });
  await store.pool.query("UPDATE tape.runs SET status = 'WAITING', waits = '[]', owner = NULL, lease_expires_at = NULL WHERE id = $1", [runId]);
  await expect(deleteValue(store, { ...where, fence: { runId, owner: "wrk_b", epoch: 2 } })).rejects.toMatchObject({ code: "lease_lost" });
});

test("a fenced write waits for a take-over that is under way, and is then refused", async () => {
  const where = place();
  const { id: runId } = await makeRun(store, { status: "RUNNING", owner: "wrk_a" });
  const taking = await store.pool.connect();
  await taking.query("BEGIN");
  await taking.query("UPDATE tape.runs SET owner = 'wrk_b', epoch = 2 WHERE id = $1", [runId]);
  const late = set(where, 1, { fence: { runId, owner: "wrk_a", epoch: 1 } });
  const told = expect(late).rejects.toMatchObject({ code: "lease_lost" });
  await expect.poll(async () => (await store.pool.query("SELECT FROM pg_locks WHERE NOT granted")).rowCount).toBeGreaterThan(0);
  await taking.query("COMMIT");
  taking.release();
  await told;
  expect(await getValue(store, where)).toBeNull();
});

test("a step that is asked again answers what it wrote, also twice at the same moment and after others wrote", async () => {
  const where = place();
  const both = await Promise.all([1, 2, 3].map(() => writeValues(store.pool, [{ ...where, value: '"mine"', step: "run_1//d0/set/1" }]).catch((error: { constraint?: string }) => error.constraint)));
  expect(both.flat().filter((one) => typeof one === "object" && one.ok && one.written)).toHaveLength(1);
  await set(where, "other");
  expect(await set(where, "mine", { step: "run_1//d0/set/1" })).toMatchObject({ version: 1, value: "mine" });
  expect(await deleteValue(store, { ...where, step: "run_1//d0/delete/1" })).toMatchObject({ version: 3, deleted: true });
  expect(await deleteValue(store, { ...where, step: "run_1//d0/delete/1" })).toMatchObject({ version: 3, deleted: true });
  expect(await getValue(store, where)).toMatchObject({ version: 3, deleted: true });
  const raced = { ...place(), step: "s" };
  const same = await Promise.all(Array.from({ length: 5 }, () => set(raced, 1)));
  expect(same.map(({ version }) => version)).toEqual([1, 1, 1, 1, 1]);
});

test("V4 a run's progress never runs backwards when it is driven again, and everything else is written as it is said", async () => {
  const { id: runId } = await makeRun(store, { status: "RUNNING", owner: "wrk_a" });
  const fence = { runId, owner: "wrk_a", epoch: 1 };
  const where = { namespace: `runs/${runId}`, key: "progress", writer: `run:${runId}` };
  const say = (value: unknown, more: Partial<SetValue> = { fence }) => set(where, value, more);
  await say({ done: 5, total: 10, label: "wires" });
  expect(await say({ done: 1, total: 10 })).toMatchObject({ version: 1, value: { done: 5, total: 10, label: "wires" } });
  expect(await say({ done: 5, total: 10, label: "letters" })).toMatchObject({ version: 2 });
  expect(await say({ done: 6, total: 10 })).toMatchObject({ version: 3 });
  expect(await say({ done: 1, total: 12 })).toMatchObject({ version: 4, value: { done: 1, total: 12 } });
  expect(await say({ done: 0, total: 12, more: true })).toMatchObject({ version: 4 });
  expect(await say({ done: 0, total: 12 }, {})).toMatchObject({ version: 5, value: { done: 0 } });
  expect(await say("no progress")).toMatchObject({ version: 6 });
  expect(await say({ done: 0, total: 12 })).toMatchObject({ version: 7 });
  await deleteValue(store, { ...where, fence });
  expect(await say({ done: 0, total: 12 })).toMatchObject({ version: 9 });
  const other = { ...where, namespace: `runs/other` };
  await set(other, { done: 5, total: 10 }, { fence });
  expect(await set(other, { done: 1, total: 10 }, { fence })).toMatchObject({ version: 2 });
});

test("V4 a label may hold what PostgreSQL opens no JSON with: progress goes on after it, and never backwards", async () => {
  const { id: runId } = await makeRun(store, { status: "RUNNING", owner: "wrk_a" });
  const fence = { runId, owner: "wrk_a", epoch: 1 };
  const say = (value: unknown) => setValue(store, { namespace: `runs/${runId}`, key: "progress", writer: `run:${runId}`, value, fence });
  for (const [place, label] of ["a\0b", "wire 🎉".slice(0, 6), '\\u0000 "quoted" \\', "a\nb"].entries()) {
    const done = 5 + place;
    expect(await say({ done, total: 10, label })).toMatchObject({ version: place + 1, value: { done, total: 10, label } });
    expect(await say({ done: 1, total: 10 })).toMatchObject({ version: place + 1, value: { done, label } });
  }
});

test("history keeps the newest 2,000 versions, and lets older ones go in the same statement", async () => {
  const where = place();
  await set(where, 0);
  await store.pool.query(
    `INSERT INTO tape.value_history (namespace, key, version, value, writer, at) SELECT $1, 'k', n, n::text, 'x', tape.now() FROM generate_series(2, 2175) n`,
    [where.namespace],
  );
  await store.pool.query(`UPDATE tape."values" SET version = 2174 WHERE namespace = $1`, [where.namespace]);
  await store.pool.query("DELETE FROM tape.value_history WHERE namespace = $1 AND version = 2175", [where.namespace]);
  await set(where, "2175");
  const kept = async () => (await store.pool.query("SELECT min(version)::int AS oldest, count(*)::int AS n FROM tape.value_history WHERE namespace = $1", [where.namespace])).rows[0];
  expect(await kept()).toEqual({ oldest: 1, n: 2175 });
  await set(where, "2176");
  expect(await kept()).toEqual({ oldest: 177, n: 2000 });
  const [first, second] = await readVersions(store, { ...where, after: 3, limit: 2 });
  expect(first).toMatchObject({ version: 177, prevVersion: 3, prevValue: null, skipped: 173 });
  expect(second).toMatchObject({ version: 178, prevVersion: 177, prevValue: 177, skipped: 0 });
});

test("a person's writes are audited without the value, a machine's are not, and neither below operator", async () => {
  const where = place();
  await setValue(store, { ...where, value: "secret", actor: actors.operator });
  await deleteValue(store, { ...where, actor: { ...actors.operator, id: "cli:root@host" } });
  await setValue(store, { ...where, value: 1, actor: { ...actors.operator, id: "token:ci", email: null } });
  await expect(setValue(store, { ...where, value: 1, ifVersion: 1, actor: actors.operator })).rejects.toMatchObject({ code: "version_conflict" });
  await expect(setValue(store, { ...where, value: 1, actor: actors.approver })).rejects.toMatchObject({ code: "forbidden" });
  const { namespace, key } = where;
  expect(await audited(namespace)).toEqual([
    { actor: actors.operator.id, action: "value.set", details: { namespace, key, version: 1 } },
    { actor: "cli:root@host", action: "value.delete", details: { namespace, key, version: 2 } },
  ]);
});

test("L3 what cannot be a name or a value is invalid_input with its field, a large one payload_too_large; nothing is stored", async () => {
  const where = place();
  const bad = [
    ...["", "/a", "a/", "a//b", "../etc", "a/./b", "a/../b", ".", "..", "a\0", "a\nb", "a\u0085b", "x".repeat(201), "\ud800"].map((namespace) => ({ field: "namespace", namespace })),
    ...["", "a\0", "a\tb", "x".repeat(201)].map((key) => ({ field: "key", key })),
    { field: "value", value: undefined },
    { field: "ifVersion", ifVersion: 1.5 },
    { field: "writer", writer: "" },
  ];
  for (const { field, ...more } of bad) {
    await expect(setValue(store, { ...where, value: 1, ...more }), JSON.stringify(more)).rejects.toMatchObject({ code: "invalid_input", details: { fields: [{ path: field }] } });
  }
  await expect(set(where, "x".repeat(2 ** 20))).rejects.toMatchObject({ code: "payload_too_large" });
  await expect(set(where, 1n)).rejects.toMatchObject({ code: "invalid_input" });
  expect(await getValue(store, where)).toBeNull();
  const odd = { ...where, key: "../a b/%2e%2e?<script>" };
  const value = { html: "<script>", nul: "\0", lone: "\ud800" };
  await set(odd, value);
  expect((await getValue(store, odd))!.value).toEqual(value);
});

test("values are listed by key, namespaces by name, in pages; what was deleted is in neither", async () => {
  for (let n = 0; n < 7; n++) await setValue(store, { namespace: `list/${n % 3}`, key: `k${n}`, value: n, writer });
  await deleteValue(store, { namespace: "list/2", key: "k2", writer });
  await deleteValue(store, { namespace: "list/2", key: "k5", writer });
  const first = await listValues(store, { namespace: "list/0", limit: 2 });
  expect(first.items.map(({ key }) => key)).toEqual(["k0", "k3"]);
  const rest = await listValues(store, { namespace: "list/0", limit: 2, cursor: first.nextCursor! });
  expect(rest).toMatchObject({ items: [{ key: "k6" }], nextCursor: null });
  expect((await listNamespaces(store, { prefix: "list/" })).items).toMatchObject([{ namespace: "list/0", keys: 3 }, { namespace: "list/1", keys: 2 }]);
  const page = await listNamespaces(store, { prefix: "list/", limit: 1 });
  expect(page.items).toHaveLength(1);
  expect((await listNamespaces(store, { prefix: "list/", limit: 1, cursor: page.nextCursor! })).items).toMatchObject([{ namespace: "list/1" }]);
  await expect(listValues(store, { namespace: "list/0", cursor: "rubbish" })).rejects.toMatchObject({ code: "invalid_input" });
  const newest = await valueHistory(store, { namespace: "list/2", key: "k2", limit: 1 });
  expect(newest).toMatchObject({ items: [{ version: 2, deleted: true }], nextCursor: "2" });
  expect(await valueHistory(store, { namespace: "list/2", key: "k2", beforeVersion: Number(newest.nextCursor) })).toMatchObject({ items: [{ version: 1 }], nextCursor: null });
});
