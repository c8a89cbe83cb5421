import { deleteValue, setValue } from "@tape/store";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { answered, type LiveClient } from "../testing/socket.ts";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
let token: string;
beforeAll(async () => {
  world = await createWorld();
  token = await world.token("viewer");
});
afterAll(() => world.stop());

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);
const versions = (client: LiveClient) => client.values.map(({ version }) => version);
const write = (key: string, value: unknown) => setValue(world.store, { namespace: "live", key, value, writer: "test" });
const watch = async (client: LiveClient, key: string, fromVersion: number) => answered(await client.socket.emitWithAck("watchValue", { namespace: "live", key, fromVersion }));

test("V3 watchers of 1,000 writes get every version after theirs, in order, each with the one before", async () => {
  const early = await world.sockets.connect({ token });
  expect(await watch(early, "many", 0)).toMatchObject({ current: null });
  const writing = Promise.all(range(1, 1000).map((n) => write("many", n)));
  const joined: { client: LiveClient; from: number }[] = [];
  for (const from of [0, 200, 400]) {
    await vi.waitFor(() => expect(early.values.length).toBeGreaterThan(from), { timeout: 10_000 });
    const client = await world.sockets.connect({ token });
    await watch(client, "many", from);
    joined.push({ client, from });
  }
  await writing;
  await vi.waitFor(() => [early, ...joined.map(({ client }) => client)].forEach((client) => expect(client.values.at(-1)?.version).toBe(1000)), { timeout: 15_000 });
  expect(versions(early)).toEqual(range(1, 1000));
  for (const { client, from } of joined) expect(versions(client)).toEqual(range(from + 1, 1000));
  const [first, ...rest] = early.values;
  expect(first).toMatchObject({ prevVersion: 0, prevValue: null, skipped: 0 });
  rest.forEach((change, n) => expect(change).toMatchObject({ prevVersion: early.values[n]!.version, prevValue: early.values[n]!.value, skipped: 0 }));
});

test("V3 a watcher away past the history is told how many it will not see, and then everything", async () => {
  for (const n of range(1, 10)) await write("past", n);
  await world.store.pool.query("DELETE FROM tape.value_history WHERE namespace = 'live' AND key = 'past' AND version < 8");
  const client = await world.sockets.connect({ token });
  expect(await watch(client, "past", 3)).toMatchObject({ current: { version: 10, value: 10 } });
  await write("past", 11);
  await vi.waitFor(() => expect(client.values.map(({ version, skipped, prevVersion, prevValue }) => [version, skipped, prevVersion, prevValue])).toEqual([[8, 4, 3, null], [9, 0, 8, 8], [10, 0, 9, 9], [11, 0, 10, 10]]));
});

test("the answer brings the present version where it is newer, a deletion too", async () => {
  await write("present", "a");
  const client = await world.sockets.connect({ token });
  expect(await watch(client, "present", 0)).toMatchObject({ current: { version: 1, value: "a", deleted: false } });
  expect(await watch(client, "present", 1)).toMatchObject({ current: null });
  await deleteValue(world.store, { namespace: "live", key: "present", writer: "test" });
  await vi.waitFor(() => expect(client.values.at(-1)).toMatchObject({ version: 2, deleted: true, value: null, prevValue: "a" }));
  expect(await watch(client, "present", 1)).toMatchObject({ current: { version: 2, deleted: true } });
});

test("after unwatch nothing more is told, and names that no value can have are refused", async () => {
  const [client, witness] = [await world.sockets.connect({ token }), await world.sockets.connect({ token })];
  const { watchId } = await watch(client, "left", 0);
  await watch(witness, "left", 0);
  answered(await client.socket.emitWithAck("unwatch", { watchId }));
  await write("left", 1);
  await vi.waitFor(() => expect(versions(witness)).toEqual([1]));
  expect(client.values).toEqual([]);
  for (const request of [{ namespace: "a/../b", key: "k", fromVersion: 0 }, { namespace: "a", key: "\0", fromVersion: 0 }, { namespace: "a", key: "k", fromVersion: -1 }]) {
    expect(await client.socket.emitWithAck("watchValue", request)).toMatchObject({ error: { code: "invalid_input" } });
  }
  for (let n = 0; n < 100; n++) await watch(client, "left", 1);
  expect(await client.socket.emitWithAck("watchValue", { namespace: "live", key: "left", fromVersion: 0 })).toMatchObject({ error: { code: "rate_limited" } });
});

test("L4 a write on one server reaches who watches on another", async () => {
  const other = await world.anotherServer();
  const [here, there] = await Promise.all([world.sockets.connect({ token }), world.sockets.connect({ token, url: other.url })]);
  for (const client of [here, there]) await watch(client, "two", 0);
  const written = await world.ask("operator", "PUT", "/api/v1/values/live/two", { value: { done: 1 } });
  expect(written.status).toBe(201);
  for (const client of [here, there]) await vi.waitFor(() => expect(client.values.at(-1)).toMatchObject({ version: 1, value: { done: 1 }, writer: expect.stringMatching(/^token:operator/) as string }));
});
