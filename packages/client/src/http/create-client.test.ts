import { TapeError } from "@tape/core";
import { expect, it } from "vitest";
import { createClient } from "./create-client.ts";

function clientThatGets(answer: Response | Error) {
  const asked: Request[] = [];
  const client = createClient({
    baseUrl: "http://tape.test",
    token: "secret",
    fetch: async (request) => {
      asked.push(request);
      if (answer instanceof Error) throw answer;
      return answer.clone();
    },
  });
  return { client, asked };
}

it("asks with the token, repeats what is many, and leaves out what is absent", async () => {
  const { client, asked } = clientThatGets(Response.json({ items: [], nextCursor: null }));
  await client.runs.list({ status: ["WAITING", "STUCK"], label: "customer:Acme & Söhne", limit: 10 });
  expect(asked[0]?.headers.get("authorization")).toBe("Bearer secret");
  const { pathname, searchParams } = new URL(asked[0]?.url ?? "");
  expect([pathname, [...searchParams]]).toEqual(["/api/v1/runs", [["status", "WAITING"], ["status", "STUCK"], ["label", "customer:Acme & Söhne"], ["limit", "10"]]]);
});

it("escapes what stands in a path", async () => {
  const { client, asked } = clientThatGets(Response.json({}));
  await client.gates.get("../../me?x");
  expect(new URL(asked[0]?.url ?? "").pathname).toBe("/api/v1/gates/..%2F..%2Fme%3Fx");
});

it("sends a body once under its key", async () => {
  const { client, asked } = clientThatGets(Response.json({}, { status: 201 }));
  await client.runs.start({ agent: "pay-batch", input: { a: 1 } }, { idempotencyKey: "k1" });
  expect([asked[0]?.method, asked[0]?.headers.get("idempotency-key"), await asked[0]?.json()]).toEqual(["POST", "k1", { agent: "pay-batch", input: { a: 1 } }]);
});

it("throws what the server refused as a TapeError, with its details", async () => {
  const body = new TapeError("already_decided", "Too late.", { decidedBy: "user:cfo@acme.com" }).toBody();
  const { client } = clientThatGets(Response.json(body, { status: 409 }));
  const error = await client.gates.decide("gate_1", { outcome: "approved", fingerprint: "f" }).catch((caught: unknown) => caught);
  expect(TapeError.is(error, "already_decided")).toBe(true);
  expect(error).toMatchObject({ message: "Too late.", details: { decidedBy: "user:cfo@acme.com" } });
});

it("L3 makes sense of answers that are none of ours, and of none at all", async () => {
  await expect(clientThatGets(new Response("<h1>Bad gateway</h1>", { status: 502 })).client.me()).rejects.toMatchObject({ code: "unavailable" });
  await expect(clientThatGets(new Response("", { status: 413 })).client.me()).rejects.toMatchObject({ code: "payload_too_large" });
  await expect(clientThatGets(new TypeError("fetch failed")).client.me()).rejects.toMatchObject({ code: "unavailable" });
});

it("answers nothing for an empty answer", async () => {
  await expect(clientThatGets(new Response(null, { status: 204 })).client.signOut()).resolves.toBeUndefined();
});

it("names a value by its escaped namespace and key, and guards a write by headers", async () => {
  const { client, asked } = clientThatGets(Response.json({}));
  await client.values.set("runs/run_1", "a/b c", { done: 1 }, { ifVersion: 3 });
  await client.values.set("n", "k", null, { ifNotLive: true });
  await client.values.delete("n", "k", { ifVersion: 4 });
  expect(asked.map(({ method, url, headers }) => [method, new URL(url).pathname, headers.get("if-match"), headers.get("if-none-match")])).toEqual([
    ["PUT", "/api/v1/values/runs%2Frun_1/a%2Fb%20c", '"3"', null],
    ["PUT", "/api/v1/values/n/k", null, "*"],
    ["DELETE", "/api/v1/values/n/k", '"4"', null],
  ]);
  expect(await Promise.all(asked.slice(0, 2).map((request) => request.json()))).toEqual([{ value: { done: 1 } }, { value: null }]);
});
