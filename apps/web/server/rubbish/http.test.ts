import { Agent } from "node:http";
import fc from "fast-check";
import { errorBody, ERROR_STATUS } from "@tape/core";
import { almost, rubbishCursor, rubbishJsonText, rubbishRuns, rubbishText } from "@tape/core/testing/rubbish";
import { readStoredRows, type StoredRows } from "@tape/store/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDescribed, type Described } from "../testing/described.ts";
import { sendBytes, sendRaw, type RawAnswer, type RawRequest } from "../testing/raw.ts";
import { makeScenery, type Scenery } from "../testing/scenery.ts";
import { createWorld, type World } from "../testing/world.ts";

const ROLES = ["viewer", "approver", "operator", "admin"] as const;
type Asker = (typeof ROLES)[number] | "nobody";
/** What changes nothing, however it is answered. */
const READS = new Set(["GET", "HEAD"]);
const CASES_PER_ROUTE = 10;

let world: World;
let scenery: Scenery;
let routes: Described[];
let stored: StoredRows;
const tokens = new Map<Asker, string>();
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

beforeAll(async () => {
  world = await createWorld();
  scenery = await makeScenery(world);
  for (const role of ROLES) tokens.set(role, await world.token(role));
  routes = await readDescribed(world);
  stored = await readStoredRows(world.store);
});
afterAll(async () => {
  agent.destroy();
  await world.stop();
});

interface Case {
  asker: Asker;
  method: string;
  path: string;
  headers: Record<string, string | string[]>;
  body: string | null;
}

const asker = fc.oneof({ weight: 1, arbitrary: fc.constantFrom<Asker>("nobody", "viewer", "approver") }, { weight: 3, arbitrary: fc.constantFrom<Asker>("operator", "admin") });
const headerText = rubbishText.map((text) => Buffer.from(text, "utf8").toString("latin1").replaceAll(/[\u0000-\u001f\u007f]/g, ""));
const headerValue = fc.oneof({ weight: 3, arbitrary: headerText }, { weight: 1, arbitrary: fc.array(headerText, { minLength: 2, maxLength: 3 }) });

/** Headers that decide something somewhere, and that a stranger may send. */
const STRANGE = [
  "if-match", "if-none-match", "idempotency-key", "last-event-id", "accept", "accept-encoding", "content-encoding", "content-language", "range", "cookie", "origin",
  "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-http-method-override", "forwarded", "te", "if-modified-since", "traceparent", "user-agent", "__proto__",
];
const CONTENT_TYPES = ["application/json", "application/json; charset=utf-16", "APPLICATION/JSON", "application/merge-patch+json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "application/octet-stream", "json", ";", ""];

/** Half of a surrogate pair has no encoding: it travels as what a browser makes of it. */
const encode = (text: string) => encodeURIComponent(Buffer.from(text, "utf8").toString("utf8"));

/** A path segment as somebody may have written it, encoded well or not at all. */
function segment(fitting: readonly string[]): fc.Arbitrary<string> {
  const raw = (text: string) => Buffer.from(text, "utf8").toString("latin1").replaceAll(/[^\u0021-\u007e]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`).replaceAll(/[?#]/g, "");
  const strange = fc.oneof(rubbishText.map(encode), rubbishText.map(raw), rubbishText.map((text) => encode(encode(text))));
  return fitting.length === 0 ? strange : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...fitting).map(encode) }, { weight: 1, arbitrary: strange });
}

function pathOf({ path, queries }: Described): fc.Arbitrary<string> {
  const [, collection = ""] = path.split("/");
  const segments = path.split("/").map((part) => {
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
    if (name === undefined) return fc.constant(part);
    return segment((name === "id" ? scenery.ids[collection] : scenery.names[name]) ?? []);
  });
  const known = queries.map(({ name, schema }) =>
    fc.tuple(fc.constant(name), name === "cursor" ? rubbishCursor : fc.oneof(almost(schema, scenery.words).map((value) => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""))), rubbishText)),
  );
  const query = fc.array(fc.oneof({ weight: 5, arbitrary: known.length > 0 ? fc.oneof(...known) : fc.tuple(rubbishText, rubbishText) }, { weight: 1, arbitrary: fc.tuple(rubbishText, rubbishText) }), { maxLength: 3 });
  const asText = (pairs: [string, string][]) => pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
  const rawQuery = fc.constantFrom("%", "%zz=%", "a[b]=c&a[__proto__]=d", "limit=1&limit=2", "&&&", "cursor", "=", "limit=1;cursor=2", "status=RUNNABLE,,BROKEN", "%00=%00");
  return fc
    .tuple(fc.tuple(...segments), fc.oneof({ weight: 4, arbitrary: query.map(asText) }, { weight: 1, arbitrary: rawQuery }))
    .map(([parts, search]) => `/api/v1${parts.join("/")}${search === "" ? "" : `?${search}`}`);
}

function caseOf(route: Described): fc.Arbitrary<Case> {
  const method = fc.oneof({ weight: 14, arbitrary: fc.constant(route.method) }, { weight: 1, arbitrary: fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND") });
  const described = route.headers.length > 0 ? fc.dictionary(fc.constantFrom(...route.headers), fc.oneof(headerValue, fc.constantFrom('"1"', '"2"', "*", "key-1")), { maxKeys: 2, noNullPrototype: true }) : fc.constant({});
  const strange = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...STRANGE), headerValue, { maxKeys: 3, noNullPrototype: true }) });
  const contentType = fc.oneof({ weight: 9, arbitrary: fc.constant<string | null>("application/json") }, { weight: 1, arbitrary: fc.constantFrom<string | null>(null, ...CONTENT_TYPES) });
  const fitting = route.body === null ? rubbishJsonText : almost(route.body, scenery.words).map((value) => JSON.stringify(value));
  const body = route.body === null ? fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: rubbishJsonText }) : fc.oneof({ weight: 4, arbitrary: fitting }, { weight: 1, arbitrary: nested(route) }, { weight: 1, arbitrary: rubbishJsonText }, { weight: 1, arbitrary: fc.constant(null) });
  return fc
    .record({ asker, method, path: pathOf(route), described, strange, contentType, body })
    .map(({ described: first, strange: second, contentType: type, ...rest }) => ({ ...rest, headers: { ...second, ...first, ...(rest.body !== null && type !== null && { "content-type": type }) } as Record<string, string | string[]> }));
}

/** Bodies that fit but for one member, which is deep, long or strange. */
function nested({ body }: Described): fc.Arbitrary<string> {
  const names = Object.keys(body?.properties ?? {});
  if (names.length === 0) return rubbishJsonText;
  return fc.tuple(almost(body!, scenery.words), fc.constantFrom(...names), rubbishJsonText).map(([fitting, name, text]) => {
    const others = Object.entries(typeof fitting === "object" && fitting !== null ? fitting : {}).filter(([other]) => other !== name);
    return `{${[...others.map(([other, value]) => `${JSON.stringify(other)}:${JSON.stringify(value)}`), `${JSON.stringify(name)}:${text}`].join(",")}}`;
  });
}

function requestOf({ asker: who, method, path, headers, body }: Case): RawRequest {
  const token = tokens.get(who);
  return {
    method,
    path,
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }), ...(body !== null && { "content-length": Buffer.byteLength(body) }) },
    ...(body !== null && { body }),
  };
}

/** Says of an answer what is wrong with it; null when nothing is. */
function problemOf(route: Described, { method, path }: Pick<Case, "method" | "path">, { status, contentType, text }: RawAnswer): string | null {
  const isOurs = new URL(path, "http://host").pathname.startsWith("/api/");
  if (!isOurs) return status < 500 ? null : `${status} outside of the API`;
  if (method === "HEAD") return status < 500 ? null : `${status}: HEAD`;
  if (status >= 400) {
    const parsed = errorBody.safeParse(jsonOf(text));
    if (!parsed.success) return `${status} without the body of an error: ${text.slice(0, 200)}`;
    const { code, message } = parsed.data.error;
    if (code === "internal" || ERROR_STATUS[code] !== status) return `${status} ${code}: ${message}`;
    return message.length > 0 && message.length < 8_000 ? null : `${code} says nothing, or too much: ${message.length} characters`;
  }
  if (status === 204 || status === 304) return text === "" ? null : `${status} with a body`;
  if (status !== 200 && status !== 201) return `${status} is no answer of ours`;
  if (method !== route.method || contentType.startsWith("text/event-stream")) return null;
  const told = route.answer(status)?.safeParse(jsonOf(text));
  return told === undefined || told.success ? null : `${status} ${text.slice(0, 300)}: ${told.error.message}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Sends it, judges the answer, and looks whether anything was stored that was not agreed to. */
async function judge(route: Described, request: Case): Promise<number> {
  const answer = await sendRaw(world.url, requestOf(request), agent);
  expect(problemOf(route, request, answer)).toBeNull();
  const now = await readStoredRows(world.store);
  const [before] = [stored, (stored = now)];
  if (answer.status >= 400 || READS.has(request.method)) expect(now).toEqual(before);
  return answer.status;
}

test("L3 rubbish at every route is refused in the words of the API, stores nothing and breaks nothing", async () => {
  const statuses = new Map<number, number>();
  for (const route of routes) {
    await fc.assert(
      fc.asyncProperty(caseOf(route), async (request) => {
        const status = await judge(route, request);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }),
      rubbishRuns(CASES_PER_ROUTE),
    );
  }
  const cases = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  expect(cases).toBeGreaterThanOrEqual(routes.length * CASES_PER_ROUTE);
  // Rubbish that is all refused at the door would try nothing behind it.
  for (const status of [200, 400, 401, 403, 404, 409]) expect([status, statuses.get(status) ?? 0]).toEqual([status, expect.not.toBeOneOf([0])]);
  expect((await fetch(`${world.url}/readyz`)).status).toBe(200);
}, 120_000);

test("L3 2 MiB at every route that takes a body is payload_too_large", async () => {
  const body = JSON.stringify({ reason: "x".repeat(2 * 1024 * 1024) });
  for (const route of routes.filter((one) => one.body !== null)) {
    const path = `/api/v1${route.path.replaceAll(/\{\w+\}/g, "x")}`;
    const answer = await sendRaw(world.url, requestOf({ asker: "admin", method: route.method, path, headers: { "content-type": "application/json" }, body }));
    expect([route.method, route.path, answer.status, jsonOf(answer.text)]).toEqual([route.method, route.path, 413, { error: expect.objectContaining({ code: "payload_too_large" }) as unknown }]);
  }
  expect(await readStoredRows(world.store)).toEqual(stored);
});

const CRLF = "\r\n";
const head = (...lines: string[]) => [...lines, "", ""].join(CRLF);
const HOST = "host: 127.0.0.1";

test.each([
  ["no Host", head("GET /api/v1/runs HTTP/1.1", "connection: close")],
  ["a Host that is none", head("GET /api/v1/runs HTTP/1.1", "host: a b/c", "connection: close")],
  ["two Hosts", head("GET /api/v1/runs HTTP/1.1", HOST, "host: other", "connection: close")],
  ["two lengths", head("POST /api/v1/runs HTTP/1.1", HOST, "content-length: 1", "content-length: 2", "connection: close") + "{}"],
  ["a length and chunks", head("POST /api/v1/runs HTTP/1.1", HOST, "content-length: 2", "transfer-encoding: chunked", "connection: close") + "0\r\n\r\n"],
  ["a length that is none", head("POST /api/v1/runs HTTP/1.1", HOST, "content-length: -1", "connection: close")],
  ["a coding nobody knows", head("POST /api/v1/runs HTTP/1.1", HOST, "transfer-encoding: rot13", "connection: close")],
  ["a header of 64 KiB", head("GET /api/v1/runs HTTP/1.1", HOST, `x-long: ${"x".repeat(65_536)}`, "connection: close")],
  ["a NUL in a header", head("GET /api/v1/runs HTTP/1.1", HOST, "x-nul: a\u0000b", "connection: close")],
  ["a header without a name", head("GET /api/v1/runs HTTP/1.1", HOST, ": x", "connection: close")],
  ["a header folded", head("GET /api/v1/runs HTTP/1.1", HOST, "x-a: 1", " 2", "connection: close")],
  ["a method nobody knows", head("FROB /api/v1/runs HTTP/1.1", HOST, "connection: close")],
  ["an expectation nobody knows", head("POST /api/v1/runs HTTP/1.1", HOST, "expect: rain", "connection: close")],
  ["another HTTP", head("GET /api/v1/runs HTTP/9.9", HOST, "connection: close")],
  ["TRACE", head("TRACE /api/v1/runs HTTP/1.1", HOST, "connection: close")],
  ["a path without a slash", head("GET api/v1/runs HTTP/1.1", HOST, "connection: close")],
  ["an address that cannot be read", head("GET //[ HTTP/1.1", HOST, "connection: close")],
  ["an address of elsewhere", head("GET http://elsewhere.example/api/v1/runs HTTP/1.1", HOST, "connection: close")],
  ["another scheme", head("GET ftp://x/api/v1/runs HTTP/1.1", HOST, "connection: close")],
  ["a backslash", head("GET /api/v1/\\runs HTTP/1.1", HOST, "connection: close")],
  ["no HTTP at all", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003 rubbish\r\n\r\n"],
])("L3 %s is answered as an error of ours", async (_, bytes) => {
  const answer = await sendBytes(world.url, bytes);
  expect(errorBody.safeParse(jsonOf(answer.text)), `${answer.status} ${answer.text}`).toMatchObject({ success: true });
  const { code } = errorBody.parse(jsonOf(answer.text)).error;
  expect(answer.status).toBe(ERROR_STATUS[code]);
  expect(code).not.toBe("internal");
  expect(await readStoredRows(world.store)).toEqual(stored);
});
