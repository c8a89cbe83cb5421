import { afterAll, beforeAll, expect, test } from "vitest";
import { makeEffect, makeGate, makeRun } from "@tape/store/testing";
import { grow } from "../testing/journal.ts";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

test("a start is 201, the same invocation again 200 and resumed, with another input a conflict", async () => {
  const request = { agent: "pay", input: { total: 1 }, invocationId: "batch-7", labels: { team: "treasury" } };
  const first = await world.ask("operator", "POST", "/api/v1/runs", request);
  expect([first.status, first.body]).toMatchObject([201, { resumed: false, agent: "pay", labels: { team: "treasury" }, startedBy: "token:operator-1" }]);
  const again = await world.ask("operator", "POST", "/api/v1/runs", request);
  expect([again.status, again.body["id"], again.body["resumed"]]).toEqual([200, first.body["id"], true]);
  const other = await world.ask("operator", "POST", "/api/v1/runs", { ...request, input: { total: 2 } });
  expect([other.status, other.body["error"]]).toMatchObject([409, { code: "invocation_conflict" }]);
});

test("an Idempotency-Key makes one start and one signal of many", async () => {
  const once = { "idempotency-key": "click-1" };
  const starts = await Promise.all([1, 2, 3].map(() => world.ask("operator", "POST", "/api/v1/runs", { agent: "pay", input: 1 }, once)));
  expect(starts.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
  expect(new Set(starts.map(({ body }) => body["id"])).size).toBe(1);

  const signal = () => world.ask("operator", "POST", `/api/v1/runs/${String(starts[0]!.body["id"])}/signals`, { name: "go", payload: { n: 1 } }, once);
  const sent = [await signal(), await signal()];
  expect(sent.map(({ status, body }) => [status, body["repeated"]])).toEqual([[200, false], [200, true]]);
  expect(new Set(sent.map(({ body }) => body["signalId"])).size).toBe(1);
});

test("the list filters, pages and answers itself", async () => {
  for (let n = 0; n < 5; n++) await makeRun(world.store, { agent: "listed", status: n < 2 ? "WAITING" : "COMPLETED", labels: { n: String(n) } });
  const list = async (query: string) => (await world.ask("viewer", "GET", `/api/v1/runs?agent=listed&${query}`)).body as unknown as { items: { id: string; status: string }[]; nextCursor: string | null };
  expect((await list("status=WAITING")).items).toHaveLength(2);
  expect((await list("status=WAITING&status=COMPLETED")).items).toHaveLength(5);
  expect((await list("status=WAITING,COMPLETED")).items).toHaveLength(5);
  expect((await list("label=n:3")).items).toHaveLength(1);
  const first = await list("limit=3");
  const rest = await list(`limit=3&cursor=${first.nextCursor}`);
  expect([first.items.length, rest.items.length, rest.nextCursor]).toEqual([3, 2, null]);
  expect(new Set([...first.items, ...rest.items].map(({ id }) => id)).size).toBe(5);
});

test("the journal is read from the last entry one has, in pages", async () => {
  const run = await makeRun(world.store);
  await grow(world.store, run.id, 9);
  const read = async (query: string) => (await world.ask("viewer", "GET", `/api/v1/runs/${run.id}/journal?${query}`)).body as unknown as { items: { seq: number }[]; nextCursor: string | null };
  const first = await read("limit=4");
  const second = await read(`limit=4&cursor=${first.nextCursor}`);
  expect([...first.items, ...second.items].map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(await read("fromSeq=10")).toEqual({ items: [], nextCursor: null });
});

test("each part of a run has its list", async () => {
  const run = await makeRun(world.store);
  const [gate, effect] = [await makeGate(world.store, run.id), await makeEffect(world.store, run.id)];
  for (const [part, ids] of [["gates", [gate.id]], ["effects", [effect.id]], ["obligations", []], ["timers", []]] as const) {
    const answer = await world.ask("viewer", "GET", `/api/v1/runs/${run.id}/${part}`);
    expect([part, answer.status, (answer.body["items"] as unknown as { id: string }[]).map(({ id }) => id)]).toEqual([part, 200, [...ids]]);
  }
  const desk = await world.ask("viewer", "GET", "/api/v1/effects?status=UNKNOWN");
  expect((desk.body["items"] as unknown as { id: string }[]).map(({ id }) => id)).toContain(effect.id);
});

test("an operator settles an UNKNOWN effect with a reason, once", async () => {
  const run = await makeRun(world.store);
  const effect = await makeEffect(world.store, run.id);
  const path = `/api/v1/effects/${effect.id}/resolution`;
  expect((await world.ask("operator", "POST", path, { outcome: "confirmed", reason: " " })).body["error"]).toMatchObject({ code: "invalid_input" });
  const settled = await world.ask("operator", "POST", path, { outcome: "confirmed", reason: "seen on the statement", result: { ref: "w1" } });
  expect([settled.status, settled.body]).toMatchObject([200, { status: "CONFIRMED", response: { ref: "w1" } }]);
  const again = await world.ask("operator", "POST", path, { outcome: "failed", reason: "no" });
  expect([again.status, again.body["error"]]).toMatchObject([409, { code: "illegal_transition" }]);
});

test("a gate is decided once, on the words that were shown", async () => {
  const run = await makeRun(world.store);
  const gate = await makeGate(world.store, run.id);
  const decide = (outcome: string, fingerprint: string) => world.ask("approver", "POST", `/api/v1/gates/${gate.id}/decision`, { outcome, fingerprint });
  expect((await decide("approved", "other")).body["error"]).toMatchObject({ code: "fingerprint_mismatch" });
  expect((await decide("approved", gate.fingerprint)).body).toMatchObject({ status: "DECIDED", outcome: "approved" });
  const late = await decide("rejected", gate.fingerprint);
  expect([late.status, late.body["error"]]).toMatchObject([409, { code: "already_decided" }]);
});
