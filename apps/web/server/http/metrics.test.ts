import { afterAll, beforeAll, expect, test } from "vitest";
import { makeGate, makeRun } from "@tape/store/testing";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

test("metrics count runs, gates, requests and sockets, for who has a token", async () => {
  const run = await makeRun(world.store, { status: "WAITING" });
  await makeGate(world.store, run.id);
  const token = await world.token("viewer");
  await world.sockets.connect({ token });
  await world.ask("viewer", "GET", `/api/v1/runs/${run.id}`);
  const response = await fetch(`${world.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  expect(response.headers.get("content-type")).toContain("text/plain");
  for (const line of ['tape_runs{status="WAITING"} 1', "tape_open_gates 1", "tape_unknown_effects 0", "tape_sockets 1"]) expect(text).toContain(line);
  expect(text).toMatch(/tape_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/runs\/:id",status="200"\} 1/);
});
