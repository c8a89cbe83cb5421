import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

interface Operation {
  summary?: string;
  security?: unknown[];
  responses: Record<string, { content?: Record<string, { schema: unknown }> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}

/** DESIGN §5 with D52. */
const ROUTES = [
  "post /runs", "get /runs", "get /runs/{id}", "get /runs/{id}/journal", "post /runs/{id}/redrive", "post /runs/{id}/signals",
  "get /runs/{id}/effects", "get /runs/{id}/obligations", "get /runs/{id}/gates", "get /runs/{id}/timers",
  "post /runs/{id}/cancel", "get /runs/{id}/compensation", "post /runs/{id}/compensate", "post /runs/{id}/progress-link",
  "put /runs/{id}/timers/{timerId}", "delete /runs/{id}/timers/{timerId}",
  "get /gates", "get /gates/{id}", "post /gates/{id}/decision", "post /gates/{id}/extension",
  "get /effects", "post /effects/{id}/resolution", "get /obligations", "get /obligations/{id}", "post /obligations/{id}/resolution",
  "get /values", "get /values/{namespace}/{key}", "put /values/{namespace}/{key}", "delete /values/{namespace}/{key}",
  "get /values/{namespace}/{key}/history", "get /values/{namespace}/{key}/watch",
  "get /agents", "get /workers", "get /me", "get /tokens", "post /tokens", "delete /tokens/{id}", "get /sinks", "post /sinks/{id}/resume", "delete /sinks/{id}", "get /audit", "get /system",
];

test("the OpenAPI document covers every route and holds together", async () => {
  const { status, body } = await world.ask("viewer", "GET", "/api/v1/openapi.json");
  const document = body as unknown as Document;
  expect([status, document.openapi]).toEqual([200, "3.1.0"]);
  const described = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  expect(described).toEqual(expect.arrayContaining(ROUTES));

  const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
  expect(references.filter((name) => !(name in document.components.schemas))).toEqual([]);
  expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(["Run", "Entry", "Gate", "Effect", "CompensationPlan", "Value", "ValueChange", "Error"]));
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      expect([method, path, operation.summary, operation.security?.length]).toEqual([method, path, expect.any(String), 2]);
      expect(operation.responses["default"]?.content?.["application/json"]?.schema).toEqual({ $ref: "#/components/schemas/Error" });
    }
  }
});

test("every described route answers, and none of them with a 404 for its path", async () => {
  const { body } = await world.ask("viewer", "GET", "/api/v1/openapi.json");
  for (const [path, methods] of Object.entries((body as unknown as Document).paths)) {
    for (const method of Object.keys(methods)) {
      const ending = new AbortController();
      const answer = await fetch(`${world.url}/api/v1${path.replaceAll(/\{\w+\}/g, "x")}`, { method: method.toUpperCase(), headers: { authorization: `Bearer ${await world.token("viewer")}` }, signal: ending.signal });
      const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") === true;
      const text = isStream ? "" : await answer.text();
      ending.abort();
      expect([method, path, isStream]).toEqual([method, path, path.endsWith("/watch")]);
      expect([method, path, text]).not.toEqual([method, path, expect.stringMatching(/There is no [A-Z]+ \//)]);
    }
  }
});
