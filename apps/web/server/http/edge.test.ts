import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeGate, makeRun } from "@tape/store/testing";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

async function countRuns(): Promise<number> {
  const { rows } = await world.store.pool.query<{ n: number }>("SELECT count(*)::int AS n FROM tape.runs");
  return rows[0]!.n;
}

describe("what is wrong is told and stores nothing", () => {
  test("L3 a 2 MiB payload is payload_too_large, declared or in chunks", async () => {
    const before = await countRuns();
    const body = JSON.stringify({ agent: "pay", input: "x".repeat(2 * 1024 * 1024) });
    const declared = await world.ask("operator", "POST", "/api/v1/runs", body);
    expect([declared.status, declared.body["error"]]).toMatchObject([413, { code: "payload_too_large", details: { limit: 1_048_576 } }]);

    // Never ends by itself: only an answer before the end can end it.
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { authorization: "", "content-type": "application/json", "transfer-encoding": "chunked" };
      void world.token("operator").then((secret) => {
        const sent = httpRequest(`${world.url}/api/v1/runs`, { method: "POST", headers: { ...headers, authorization: `Bearer ${secret}` } }, (response) => {
          resolve(response.statusCode);
          sent.destroy();
        });
        sent.on("error", reject);
        for (let mib = 0; mib < 2; mib++) sent.write("x".repeat(1024 * 1024));
      });
    });
    expect(status).toBe(413);
    expect(await countRuns()).toBe(before);
  });

  test("L3 invalid JSON, a missing field and another media type are invalid_input and say which", async () => {
    const before = await countRuns();
    const broken = await world.ask("operator", "POST", "/api/v1/runs", '{"agent": "pay",');
    expect([broken.status, broken.body["error"]]).toMatchObject([400, { code: "invalid_input", message: "body: is not valid JSON" }]);
    const empty = await world.ask("operator", "POST", "/api/v1/runs", { labels: { "a:b": "c" } });
    expect([empty.status, empty.body["error"]]).toMatchObject([400, { code: "invalid_input", details: { fields: [{ path: "agent" }, { path: "labels.a:b" }] } }]);
    const form = await world.ask("operator", "POST", "/api/v1/runs", "agent=pay", { "content-type": "application/x-www-form-urlencoded" });
    expect([form.status, form.body["error"]]).toMatchObject([400, { code: "invalid_input" }]);
    const query = await world.ask("viewer", "GET", "/api/v1/runs?limit=9999&status=BROKEN");
    expect([query.status, query.body["error"]]).toMatchObject([400, { code: "invalid_input" }]);
    expect(await countRuns()).toBe(before);
  });

  test("L3 an unknown run, a malformed id and an unknown route are not_found", async () => {
    for (const path of ["/runs/run_01ARZ3NDEKTSV4RRFFQ69G5FAV", "/runs/nonsense", "/runs/%00", "/runs/run_01ARZ3NDEKTSV4RRFFQ69G5FAV/journal", "/gates/x", "/effects/x", "/nothing/here"]) {
      const answer = await world.ask("viewer", "GET", `/api/v1${path}`);
      expect([path, answer.status, answer.body["error"]]).toMatchObject([path, 404, { code: "not_found" }]);
    }
  });

  test("L3 a wrong role is forbidden, naming the one that is missing; no token is unauthenticated", async () => {
    const before = await countRuns();
    const viewer = await world.ask("viewer", "POST", "/api/v1/runs", { agent: "pay" });
    expect([viewer.status, viewer.body["error"]]).toMatchObject([403, { code: "forbidden", details: { role: "viewer", needed: "operator" } }]);
    for (const path of ["/api/v1/runs", "/api/v1/openapi.json", "/api/v1/nothing", "/metrics"]) {
      const nobody = await fetch(`${world.url}${path}`);
      expect([path, nobody.status, await nobody.json()]).toMatchObject([path, 401, { error: { code: "unauthenticated" } }]);
    }
    const wrong = await fetch(`${world.url}/api/v1/runs`, { headers: { authorization: "Bearer tape_wrong" } });
    expect(wrong.status).toBe(401);
    expect(await countRuns()).toBe(before);
  });

  test("L3 path traversal is a name like any other, and HTML in a payload is text", async () => {
    for (const path of ["/api/v1/runs/..%2F..%2Fetc%2Fpasswd", "/api/v1/runs/%2e%2e%2f%2e%2e%2f", "/api/%2e%2e/%2e%2e/etc/passwd", "/api/v1/../../etc/passwd"]) {
      const answer = await rawGet(path, await world.token("viewer"));
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.body).not.toContain("root:");
    }
    const html = "<script>alert(1)</script>";
    const started = await world.ask("operator", "POST", "/api/v1/runs", { agent: html, input: { html } });
    expect(started.status).toBe(201);
    expect(started.body["input"]).toEqual({ html });
    expect(started.headers.get("content-type")).toContain("application/json");
    expect(started.headers.get("x-content-type-options")).toBe("nosniff");
    expect(started.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(started.headers.get("cache-control")).toBe("no-store");
  });

  test("L3 a deep, hostile or strange body breaks nothing", async () => {
    const deep = `{"agent":"pay","input":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    for (const body of [deep, '{"agent":"pay\\u0000"}', '{"agent":"pay","__proto__":{"role":"admin"},"input":null}', '{"agent":"pay","invocationId":"\\ud800"}', "null", "[]", '"x"']) {
      const answer = await world.ask("operator", "POST", "/api/v1/runs", body);
      expect([body.slice(0, 60), answer.status < 500]).toEqual([body.slice(0, 60), true]);
    }
  });
});

test("errors nobody expected are told by an id only", async () => {
  const run = await makeRun(world.store);
  await makeGate(world.store, run.id);
  await world.store.pool.query("ALTER TABLE tape.gates RENAME TO gates_away");
  try {
    const answer = await world.ask("viewer", "GET", "/api/v1/gates");
    expect([answer.status, answer.body["error"]]).toMatchObject([500, { code: "internal", message: expect.stringContaining("rec_") as string }]);
    expect(JSON.stringify(answer.body)).not.toMatch(/gates|relation|at .*\.ts/);
  } finally {
    await world.store.pool.query("ALTER TABLE tape.gates_away RENAME TO gates");
  }
});

test("localhost leads to the printed host, but not for programs", async () => {
  const { port } = new URL(world.url);
  const page = await rawGet("/runs?status=WAITING", null, `localhost:${port}`);
  expect([page.status, page.location]).toEqual([307, `${world.url}/runs?status=WAITING`]);
  const api = await rawGet("/api/v1/runs", await world.token("viewer"), `localhost:${port}`);
  expect(api.status).toBe(200);
});

/** A GET whose path is sent as it is: `fetch` would tidy it. */
function rawGet(path: string, token: string | null, host?: string): Promise<{ status: number; body: string; location: string | undefined }> {
  const { hostname, port } = new URL(world.url);
  return new Promise((resolve, reject) => {
    const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(host && { host }) };
    httpRequest({ hostname, port, path, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body, location: response.headers.location }));
    })
      .on("error", reject)
      .end();
  });
}
