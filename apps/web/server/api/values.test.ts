import { createClient } from "@tape/client";
import type { ValueChange } from "@tape/core";
import { revokeToken, setValue } from "@tape/store";
import { actors } from "@tape/store/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createWorld, type World } from "../testing/world.ts";
import { readStream } from "../testing/stream.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

const at = (namespace: string, key: string, rest = "") => `/api/v1/values/${encodeURIComponent(namespace)}/${encodeURIComponent(key)}${rest}`;
const put = (path: string, value: unknown, headers: Record<string, string> = {}) => world.ask("operator", "PUT", path, { value }, headers);
const get = (path: string, headers: Record<string, string> = {}) => world.ask("viewer", "GET", path, undefined, headers);
const remove = (path: string, headers: Record<string, string> = {}) => world.ask("operator", "DELETE", path, undefined, headers);
const write = (namespace: string, key: string, value: unknown) => setValue(world.store, { namespace, key, value, writer: "test" });

async function countVersions(): Promise<number> {
  const { rows } = await world.store.pool.query<{ n: number }>("SELECT count(*)::int AS n FROM tape.value_history");
  return rows[0]!.n;
}

describe("versions", () => {
  test("V1 write, write, delete are versions 1, 2 and 3, and a stale If-Match is a conflict that names the present one", async () => {
    const path = at("runs/run_1", "limit");
    const first = await put(path, { eur: 10 });
    expect([first.status, first.headers.get("etag"), first.body]).toMatchObject([201, '"1"', { namespace: "runs/run_1", key: "limit", value: { eur: 10 }, version: 1, deleted: false, writer: "token:operator-1" }]);
    const second = await put(path, { eur: 20 }, { "if-match": '"1"' });
    expect([second.status, second.headers.get("etag")]).toEqual([200, '"2"']);
    const stale = await put(path, { eur: 30 }, { "if-match": '"1"' });
    expect([stale.status, stale.body["error"]]).toMatchObject([409, { code: "version_conflict", details: { version: 2 } }]);
    const third = await remove(path, { "if-match": "2" });
    expect([third.status, third.headers.get("etag"), third.body]).toMatchObject([200, '"3"', { version: 3, deleted: true, value: null }]);
    const gone = await get(path);
    expect([gone.status, gone.body["error"]]).toMatchObject([404, { code: "not_found", details: { version: 3 } }]);
    expect((await remove(path)).status).toBe(404);
    expect((await put(path, { eur: 40 })).body).toMatchObject({ version: 4, deleted: false });
  });

  test("V2 of eight writers that compare and set at once, one wins each version", async () => {
    const path = at("demo", "counter");
    await put(path, { by: "nobody", n: 0 });
    const won: number[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let mine = 0; mine < 3; ) {
          const { headers, body } = await get(path);
          const answer = await put(path, { by: writer, n: Number((body["value"] as unknown as { n: number }).n) + 1 }, { "if-match": headers.get("etag")! });
          if (answer.status === 200) {
            mine++;
            won.push(Number(answer.body["version"]));
          } else expect([answer.status, answer.body["error"]]).toMatchObject([409, { code: "version_conflict" }]);
        }
      }),
    );
    expect(won.sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, n) => n + 2));
    expect((await get(path)).body).toMatchObject({ version: 25, value: { n: 24 } });
  });

  test("every way of writing an If-Match, and what is none of them is refused", async () => {
    const path = at("demo", "guarded");
    expect((await put(path, 1, { "if-match": "*" })).body["error"]).toMatchObject({ code: "version_conflict", details: { version: 0, live: false } });
    expect((await put(path, 1, { "if-none-match": "*" })).status).toBe(201);
    expect((await put(path, 1, { "if-none-match": "*" })).body["error"]).toMatchObject({ code: "version_conflict", details: { version: 1 } });
    for (const [n, ifMatch] of ['"1"', "2", 'W/"3"', "*"].entries()) {
      expect([ifMatch, (await put(path, n, { "if-match": ifMatch })).body["version"]]).toEqual([ifMatch, n + 2]);
    }
    for (const [name, text] of [["if-match", "five"], ["if-match", '"5'], ["if-match", '"5", "6"'], ["if-match", ""], ["if-match", "-1"], ["if-none-match", '"5"']] as const) {
      const refused = await put(path, "no", { [name]: text });
      expect([name, text, refused.status, refused.body["error"]]).toMatchObject([name, text, 400, { code: "invalid_input" }]);
    }
    expect((await remove(path, { "if-match": "*" })).body["version"]).toBe(6);
    expect((await put(path, 1, { "if-none-match": "*" })).body["version"]).toBe(7);
    expect((await put(path, 1, { "if-match": "9" })).body["error"]).toMatchObject({ code: "version_conflict", details: { version: 7 } });
  });

  test("who has a version is told so without its value", async () => {
    const path = at("demo", "read");
    await put(path, "x".repeat(1000));
    const same = await get(path, { "if-none-match": 'W/"9", "1"' });
    expect([same.status, same.headers.get("etag"), same.body]).toEqual([304, '"1"', {}]);
    expect((await get(path, { "if-none-match": '"2"' })).status).toBe(200);
  });

  test("namespaces, their values and the history of one are lists", async () => {
    for (const [namespace, key] of [["lists/a", "x"], ["lists/a", "y"], ["lists/b", "x"]] as const) await write(namespace, key, 1);
    await write("lists/a", "x", 2);
    const namespaces = await get("/api/v1/values?prefix=lists%2F");
    expect(namespaces.body).toMatchObject({ items: [{ namespace: "lists/a", keys: 2 }, { namespace: "lists/b", keys: 1 }], nextCursor: null });
    const page = (await get("/api/v1/values?namespace=lists%2Fa&limit=1")).body;
    const rest = (await get(`/api/v1/values?namespace=lists%2Fa&limit=1&cursor=${String(page["nextCursor"])}`)).body;
    expect([page["items"], rest]).toMatchObject([[{ key: "x", version: 2 }], { items: [{ key: "y" }], nextCursor: null }]);
    const history = (await get(at("lists/a", "x", "/history?limit=1"))).body;
    expect(history).toMatchObject({ items: [{ version: 2, value: 2 }], nextCursor: "2" });
    for (const query of ["beforeVersion=2", "cursor=2"]) expect((await get(at("lists/a", "x", `/history?${query}`))).body).toMatchObject({ items: [{ version: 1, value: 1 }], nextCursor: null });
  });
});

test("L3 names that lead elsewhere, bodies that are none, and values that are too large are refused, and nothing is stored", async () => {
  const before = await countVersions();
  const long = "x".repeat(300);
  for (const path of ["..%2F..%2Fetc/passwd", "a%2F..%2Fb/k", "a%2F%2Fb/k", "%2Fa/k", "a%00b/k", "a/k%00", "a%01b/k", "a/k%0A", `${long}/k`, `a/${long}`, `${long.repeat(5)}/k`]) {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const answer = await world.ask("operator", method, `/api/v1/values/${path}`, method === "PUT" ? { value: 1 } : undefined);
      expect([method, path.slice(0, 40), answer.status, answer.body["error"]]).toMatchObject([method, path.slice(0, 40), 400, { code: "invalid_input" }]);
    }
    const watched = await readStream(`${world.url}/api/v1/values/${path}/watch`, { authorization: `Bearer ${await world.token("viewer")}` });
    expect([path.slice(0, 40), watched.status]).toEqual([path.slice(0, 40), 400]);
  }
  // Resolved by whoever sends it: no such route.
  for (const path of ["../x", "a/..", "%2e%2e/k", "a/", "/k"]) expect([path, (await put(`/api/v1/values/${path}`, 1)).status]).toEqual([path, 404]);
  for (const body of ["{}", "null", '{"value":', '{"other":1}']) {
    const answer = await world.ask("operator", "PUT", at("demo", "body"), body);
    expect([body, answer.status, answer.body["error"]]).toMatchObject([body, 400, { code: "invalid_input" }]);
  }
  expect((await put(at("demo", "large"), "x".repeat(2 * 1024 * 1024))).body["error"]).toMatchObject({ code: "payload_too_large" });
  expect((await world.ask(null, "PUT", at("demo", "x"), { value: 1 })).status).toBe(401);
  expect((await world.ask("approver", "PUT", at("demo", "x"), { value: 1 })).body["error"]).toMatchObject({ code: "forbidden", details: { needed: "operator" } });
  for (const query of ["fromVersion=-1", "fromVersion=x", "fromVersion=1e99"]) expect([query, (await get(at("demo", "x", `/watch?${query}`))).status]).toEqual([query, 400]);
  expect((await get(at("demo", "x", "/watch"), { "last-event-id": "<script>" })).status).toBe(400);
  expect(await countVersions()).toBe(before);

  const html = '<img src=x onerror="alert(1)">';
  expect((await put(at("demo", html), { html })).status).toBe(201);
  const read = await get(at("demo", html));
  expect([read.body["value"], read.headers.get("content-type"), read.headers.get("x-content-type-options")]).toEqual([{ html }, "application/json", "nosniff"]);
  expect((await put(at("demo", "nothing"), null)).body).toMatchObject({ value: null, deleted: false });
});

describe("watching by a stream", () => {
  const stream = async (key: string, query = "", headers: Record<string, string> = {}) =>
    await readStream(`${world.url}${at("streams", key, `/watch${query}`)}`, { authorization: `Bearer ${await world.token("viewer")}`, ...headers });
  const versions = ({ events }: { events: { data: unknown }[] }) => events.map(({ data }) => (data as ValueChange).version);

  test("V3 from 0 brings every version with the one before, its number as the event's id", async () => {
    for (let n = 1; n <= 3; n++) await write("streams", "all", n);
    const all = await stream("all");
    expect([all.headers.get("content-type"), all.headers.get("cache-control"), all.headers.get("x-accel-buffering"), all.headers.get("content-encoding")]).toEqual(["text/event-stream; charset=utf-8", "no-store", "no", null]);
    await vi.waitFor(() => expect(versions(all)).toEqual([1, 2, 3]));
    await write("streams", "all", 4);
    await vi.waitFor(() => expect(all.events.at(-1)).toMatchObject({ event: "value", id: "4", data: { namespace: "streams", key: "all", version: 4, value: 4, prevVersion: 3, prevValue: 3, skipped: 0, deleted: false } }));
    expect(all.events[0]).toMatchObject({ id: "1", data: { prevVersion: 0, prevValue: null } });
    all.close();
  });

  test("Last-Event-ID wins over fromVersion, and what history has forgotten is told as skipped", async () => {
    for (let n = 1; n <= 8; n++) await write("streams", "back", n);
    const [byQuery, byHeader] = [await stream("back", "?fromVersion=6"), await stream("back", "?fromVersion=1", { "last-event-id": "7" })];
    await vi.waitFor(() => expect([versions(byQuery), versions(byHeader)]).toEqual([[7, 8], [8]]));
    await world.store.pool.query("DELETE FROM tape.value_history WHERE namespace = 'streams' AND key = 'back' AND version < 6");
    const late = await stream("back", "?fromVersion=2");
    await vi.waitFor(() => expect(late.events.map(({ data }) => [(data as ValueChange).version, (data as ValueChange).skipped])).toEqual([[6, 3], [7, 0], [8, 0]]));
    for (const one of [byQuery, byHeader, late]) one.close();
  });

  test("HEAD looks and opens no stream", async () => {
    const url = `${world.url}${at("streams", "head", "/watch")}`;
    const headers = { authorization: `Bearer ${await world.token("viewer")}` };
    for (let n = 0; n < 210; n++) expect((await fetch(url, { method: "HEAD", headers })).status).toBe(200);
    const open = await readStream(url, headers);
    expect(open.status).toBe(200);
    open.close();
  });

  test("a stream ends when its token is revoked, and others stay", async () => {
    const kept = await stream("revoked");
    const secret = await world.token("viewer");
    const theirs = await readStream(`${world.url}${at("streams", "revoked", "/watch")}`, { authorization: `Bearer ${secret}` });
    const { rows } = await world.store.pool.query<{ id: string }>("SELECT id FROM tape.api_tokens ORDER BY created_at DESC, id DESC LIMIT 1");
    await revokeToken(world.store, { id: rows[0]!.id, actor: actors.admin });
    await vi.waitFor(() => expect(theirs.isEnded).toBe(true), { timeout: 6_000 });
    expect(kept.isEnded).toBe(false);
    await write("streams", "revoked", 1);
    await vi.waitFor(() => expect(versions(kept)).toEqual([1]));
    kept.close();
  });

  test("the client goes on across a server that stops, and misses no version", async () => {
    const other = await world.anotherServer();
    const token = await world.token("viewer");
    const ending = new AbortController();
    const seen: number[] = [];
    let base = other.url;
    // One address for the client, as a balancer gives it.
    const fetchFromOne = (request: Request) => fetch(request.url.replace("http://tape.test", base), { headers: request.headers, signal: request.signal });
    const client = createClient({ baseUrl: "http://tape.test", token, fetch: fetchFromOne });
    const watching = (async () => {
      for await (const { version } of client.values.watch("streams", "survives", { signal: ending.signal })) seen.push(version);
    })();
    await write("streams", "survives", 1);
    await vi.waitFor(() => expect(seen).toEqual([1]), { timeout: 5_000 });
    await other.stop();
    for (let n = 2; n <= 5; n++) await write("streams", "survives", n);
    base = world.url;
    await vi.waitFor(() => expect(seen).toEqual([1, 2, 3, 4, 5]), { timeout: 10_000 });
    ending.abort();
    await watching;
  });
});
