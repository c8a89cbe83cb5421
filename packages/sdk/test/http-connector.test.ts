import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { httpConnector, type BodyContext, type ConnectorContext, type HttpConnectorOptions } from "../src/index.ts";

interface Got {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

let got: Got[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    got.push({ method: request.method!, url: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString() });
    answer(request, response);
  });
});
let base = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  got = [];
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const says = (status: number, body: unknown = null, headers: Record<string, string> = {}) => {
  answer = (_, response) => response.writeHead(status, headers).end(body === null ? undefined : typeof body === "string" ? body : JSON.stringify(body));
};
const ctx = (fields: Partial<ConnectorContext> = {}): ConnectorContext => ({
  runId: "run_1", tool: "pay", key: "run_1//d0/pay/1", businessKey: "inv-1", externalRef: null, semantics: "NON_IDEMPOTENT", attempt: 1, signal: new AbortController().signal, ...fields,
});
const bank = (options: Partial<HttpConnectorOptions> = {}) => httpConnector({ name: "bank", url: `${base}/wires`, ...options });
const undo = (key: string): BodyContext => ({ runId: "run_1", key, attempt: 1, signal: new AbortController().signal, heartbeat: async () => {}, isCancelled: async () => false });

test("the intent is posted as JSON with its keys; 2xx is confirmed with the answer and its reference", async () => {
  says(201, { id: "w1", ok: true });
  expect(await bank({ headers: async () => ({ authorization: "Bearer t" }) }).dispatch(ctx(), { cents: 5 })).toEqual({ status: "confirmed", result: { id: "w1", ok: true }, externalRef: "w1" });
  expect(got).toMatchObject([{ method: "POST", url: "/wires", body: '{"cents":5}', headers: { "idempotency-key": "run_1//d0/pay/1", "x-business-key": "inv-1", authorization: "Bearer t", "content-type": "application/json" } }]);
  says(204);
  expect(await bank({ request: (intent) => ({ url: `${base}/put`, method: "PUT", headers: { "x-a": "1" }, body: [intent] }), url: undefined as never }).dispatch(ctx({ businessKey: "Zürich 7" }), 1)).toEqual({ status: "confirmed", result: null });
  expect(got[1]).toMatchObject({ method: "PUT", url: "/put", body: "[1]", headers: { "x-a": "1", "x-business-key": "Z%C3%BCrich%207" } });
  says(200, "done");
  expect(await bank({ externalRef: (told) => `ref-${told as string}` }).dispatch(ctx(), 1)).toEqual({ status: "confirmed", result: "done", externalRef: "ref-done" });
});

test.each([
  [400, "failed", "failed"],
  [404, "failed", "failed"],
  [422, "failed", "failed"],
  [408, "retry", "retry"],
  [409, "retry", "retry"],
  [425, "retry", "retry"],
  [429, "retry", "retry"],
  [500, "unknown", "retry"],
  [503, "unknown", "retry"],
  [307, "unknown", "retry"],
])("%d is %s for NON_IDEMPOTENT and %s for IDEMPOTENT; sent once by each", async (status, once, again) => {
  says(status, { reason: "closed" }, { location: `${base}/elsewhere` });
  expect(await bank().dispatch(ctx(), 1)).toMatchObject({ status: once, error: { message: expect.stringMatching(`${status}.*closed`) as string } });
  expect(await bank().dispatch(ctx({ semantics: "IDEMPOTENT" }), 1)).toMatchObject({ status: again });
  expect(got).toHaveLength(2);
});

test("429 says when", async () => {
  says(429, null, { "retry-after": "7" });
  expect(await bank().dispatch(ctx(), 1)).toMatchObject({ status: "retry", afterMs: 7_000 });
});

test.each<[string, (response: ServerResponse) => void, RegExp]>([
  ["never comes", () => {}, /no answer within 80 ms/],
  ["is cut off", (response) => response.destroy(), /fetch failed|terminated|socket/],
  ["is cut off in its middle", (response) => void response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy()), /terminated|aborted|socket/],
])("an answer that %s: it may have happened", async (_, how, message) => {
  answer = (request, response) => how(response);
  expect(await bank({ timeoutMs: 80 }).dispatch(ctx(), 1)).toMatchObject({ status: "unknown", error: { message: expect.stringMatching(message) as string } });
  expect(await bank({ timeoutMs: 80 }).dispatch(ctx({ semantics: "IDEMPOTENT" }), 1)).toMatchObject({ status: "retry" });
});

test("an aborted signal ends it: it may have happened", async () => {
  const abort = new AbortController();
  answer = () => abort.abort(new Error("the worker stops"));
  expect(await bank().dispatch(ctx({ signal: abort.signal }), 1)).toMatchObject({ status: "unknown", error: { message: "the worker stops" } });
});

test("what is not sent at all says so: a request that cannot be made failed, headers that cannot be had are asked for later", async () => {
  const thrown = () => {
    throw new Error("no token");
  };
  expect(await bank({ url: undefined as never, request: thrown }).dispatch(ctx(), 1)).toMatchObject({ status: "failed" });
  expect(await bank({ url: undefined as never, request: () => ({ url: "nowhere" }) }).dispatch(ctx(), 1)).toMatchObject({ status: "failed" });
  expect(await bank({ headers: thrown }).dispatch(ctx(), 1)).toMatchObject({ status: "retry", error: { message: "no token" } });
  expect(got).toEqual([]);
});

test("an answer above 1 MiB is not read further: it did happen, and its result is not kept", async () => {
  says(200, "x".repeat(1_200_000));
  expect(await bank().dispatch(ctx(), 1)).toEqual({ status: "confirmed", notStorable: expect.stringContaining("1048576") as string });
});

test("observe asks by key, business key or reference: one copy, several, none, or no word", async () => {
  const { observe } = bank({ observe: `${base}/wires?key={key}&ref={businessKey}` });
  const ask = async (status: number, body: unknown) => {
    says(status, body);
    return await observe!(ctx(), 1);
  };
  expect(await ask(200, { id: "w1" })).toEqual({ status: "confirmed", result: { id: "w1" }, externalRef: "w1" });
  expect(await ask(200, [{ id: "w1" }])).toEqual({ status: "confirmed", result: { id: "w1" }, externalRef: "w1" });
  expect(await ask(200, [{ id: "w1" }, { id: "w2" }])).toEqual({ status: "duplicate", refs: ["w1", "w2"], result: { id: "w1" } });
  expect(await ask(200, [{ id: "w1" }, {}])).toMatchObject({ status: "inconclusive" });
  expect([await ask(200, []), await ask(404, {})]).toEqual([{ status: "absent" }, { status: "absent" }]);
  expect([await ask(500, {}), await ask(401, {})]).toMatchObject([{ status: "inconclusive" }, { status: "inconclusive" }]);
  expect(got[0]).toMatchObject({ method: "GET", url: `/wires?key=${encodeURIComponent("run_1//d0/pay/1")}&ref=inv-1` });
  const read = bank({ observe: { url: `${base}/w/{externalRef}`, read: (told) => ((told as { state: string }).state === "rejected" ? { status: "failed", error: "rejected" } : { status: "inconclusive" }) } });
  says(200, { state: "rejected" });
  expect(await read.observe!(ctx({ externalRef: "w/1" }), 1)).toEqual({ status: "failed", error: "rejected" });
  expect(got.at(-1)!.url).toBe("/w/w%2F1");
  await expect(read.observe!(ctx(), 1)).rejects.toThrow(/needs the externalRef/);
});

test("compensate: 2xx is compensated, 4xx final, anything else is tried again, under the reversal's key", async () => {
  const { compensate } = bank({ compensate: { url: `${base}/wires/{externalRef}`, method: "DELETE" } });
  const back = async (status: number) => {
    says(status, { id: "r1" });
    return await compensate!(undo("k/undo/1"), { intent: 1, result: null, externalRef: "w1" });
  };
  expect(await back(200)).toEqual({ status: "compensated", result: { id: "r1" } });
  expect([await back(404), await back(503), await back(429)]).toMatchObject([{ status: "failed" }, { status: "retry" }, { status: "retry" }]);
  expect(got[0]).toMatchObject({ method: "DELETE", url: "/wires/w1", headers: { "idempotency-key": "k/undo/1" } });
});

test("refused when defined: neither or both of url and request, no URL, no time", () => {
  expect(() => httpConnector({ name: "bank" })).toThrow(/give it a url, or a request/);
  expect(() => bank({ request: () => ({ url: base }) })).toThrow(/give it a url, or a request/);
  expect(() => bank({ url: "bank" })).toThrow(/no URL/);
  expect(() => bank({ timeoutMs: 0 })).toThrow(/timeoutMs/);
});
