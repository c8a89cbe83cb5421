import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { makeEffect, makeGate, makeRun, makeTimer } from "@tape/store/testing";
import { answered } from "../testing/socket.ts";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

const act = (runId: string, what: string, reason: string) => world.ask("operator", "POST", `/api/v1/runs/${runId}/${what}`, { reason });

test("C5 cancel of an ended run is 409 with its status, and cancelled twice is the same answer", async () => {
  for (const status of ["COMPLETED", "FAILED", "COMPENSATING", "COMPENSATED"] as const) {
    const ended = await makeRun(world.store, { status, ...(status.startsWith("COMPENS") && { endedAs: "COMPLETED" as const }) });
    const refused = await act(ended.id, "cancel", "wrong file");
    expect([refused.status, refused.body["error"]]).toMatchObject([409, { code: "illegal_transition", details: { status } }]);
  }
  const run = await makeRun(world.store, { status: "WAITING" });
  const first = await act(run.id, "cancel", "wrong file");
  expect([first.status, first.body]).toMatchObject([200, { status: "CANCELLED", cancelReason: "wrong file", cancelledBy: expect.stringMatching(/^token:operator/) as string }]);
  expect(first.body["settledAt"]).not.toBeNull();
  const again = await act(run.id, "cancel", "another reason");
  expect([again.status, again.body]).toEqual([200, first.body]);
});

test("a cancel without a reason, or of no run, is refused", async () => {
  const run = await makeRun(world.store);
  for (const body of [{}, { reason: " " }, { reason: "x".repeat(2001) }, { reason: 1 }]) {
    expect((await world.ask("operator", "POST", `/api/v1/runs/${run.id}/cancel`, body)).body["error"]).toMatchObject({ code: "invalid_input" });
  }
  expect((await act("run_01ARZ3NDEKTSV4RRFFQ69G5FAV", "cancel", "x")).status).toBe(404);
  expect((await world.ask("viewer", "GET", `/api/v1/runs/${run.id}`)).body["status"]).toBe("RUNNABLE");
});

test("L4 a cancel on one server moves the screens of another", async () => {
  const other = await world.anotherServer();
  const run = await makeRun(world.store, { status: "RUNNING" });
  const client = await world.sockets.connect({ token: await world.token("viewer"), url: other.url });
  answered(await client.socket.emitWithAck("watchRun", { runId: run.id, fromSeq: 0 }));
  expect((await act(run.id, "cancel", "wrong file")).status).toBe(200);
  await vi.waitFor(() => {
    expect(client.runs.at(-1)).toMatchObject({ status: "CANCELLED", settledAt: null, cancelNoticedAt: null });
    expect(client.entries.at(-1)).toMatchObject({ kind: "run", verb: "cancelled" });
  });
});

test("O8 the plan lists what would be undone, newest first and with sums, and changes nothing", async () => {
  const run = await makeRun(world.store, { status: "RUNNING" });
  for (const [n, amount] of ["12400.00", "310.50"].entries()) {
    const effect = await makeEffect(world.store, run.id, { compensator: "reverse-wire", request: { to: `payee ${n}`, total: { amount, currency: "EUR" } } });
    const settled = await world.ask("operator", "POST", `/api/v1/effects/${effect.id}/resolution`, { outcome: "confirmed", reason: "seen", result: { ref: `w${n}` } });
    expect(settled.status).toBe(200);
  }
  const unsettled = await makeEffect(world.store, run.id);
  const plan = async () => (await world.ask("viewer", "GET", `/api/v1/runs/${run.id}/compensation`)).body;
  const before = await plan();
  expect(before).toMatchObject({
    runId: run.id,
    status: "RUNNING",
    refusal: expect.any(String) as string,
    totals: [{ amount: "12710.50", currency: "EUR", count: 2 }],
    withoutAmount: 0,
    unsettled: [{ id: unsettled.id, status: "UNKNOWN" }],
  });
  const items = before["items"] as unknown as { obligation: { kind: string; status: string; amount: unknown }; effect: { tool: string } }[];
  expect(items.map(({ obligation }) => [obligation.kind, obligation.status, obligation.amount])).toEqual([
    ["reverse-wire", "REGISTERED", { amount: "310.50", currency: "EUR" }],
    ["reverse-wire", "REGISTERED", { amount: "12400.00", currency: "EUR" }],
  ]);
  const { serverTime: _, ...again } = await plan();
  expect(before).toMatchObject(again);

  const live = await act(run.id, "compensate", "wrong file");
  expect([live.status, live.body["error"]]).toMatchObject([409, { code: "illegal_transition", details: { status: "RUNNING" } }]);
  await act(run.id, "cancel", "wrong file");
  const asked = await act(run.id, "compensate", "wrong file");
  expect([asked.status, asked.body]).toMatchObject([200, { status: "COMPENSATING", endedAs: "CANCELLED" }]);
  expect((await act(run.id, "compensate", "again")).body).toMatchObject({ status: "COMPENSATING" });
  expect((await act(run.id, "cancel", "again")).body["error"]).toMatchObject({ code: "illegal_transition" });
  expect(await plan()).toMatchObject({ status: "COMPENSATING", totals: [{ count: 2 }] });
});

test("an obligation that is STUCK is settled by a person's word, once and with a reason", async () => {
  const run = await makeRun(world.store, { status: "RUNNING" });
  const effect = await makeEffect(world.store, run.id, { compensator: "reverse-wire" });
  await world.ask("operator", "POST", `/api/v1/effects/${effect.id}/resolution`, { outcome: "confirmed", reason: "seen", result: {} });
  const { body } = await world.ask("viewer", "GET", `/api/v1/runs/${run.id}/obligations`);
  const [{ id }] = body["items"] as unknown as [{ id: string }];
  const resolve = (outcome: string, reason: string) => world.ask("operator", "POST", `/api/v1/obligations/${id}/resolution`, { outcome, reason });
  const dormant = await resolve("done", "by hand");
  expect([dormant.status, dormant.body["error"]]).toMatchObject([409, { code: "illegal_transition", details: { status: "REGISTERED" } }]);
  await world.store.pool.query("UPDATE tape.obligations SET status = 'STUCK' WHERE id = $1", [id]);
  await world.store.pool.query(`UPDATE tape.runs SET status = 'STUCK', ended_as = 'COMPLETED', stuck = '{"code":"compensation","message":"x"}', owner = NULL, lease_expires_at = NULL, settled_at = tape.now() WHERE id = $1`, [run.id]);
  expect((await resolve("done", " ")).body["error"]).toMatchObject({ code: "invalid_input" });
  const done = await resolve("done", "wired back by hand");
  expect([done.status, done.body]).toMatchObject([200, { id, status: "COMPENSATED" }]);
  expect((await world.ask("viewer", "GET", `/api/v1/obligations/${id}`)).body).toEqual(done.body);
  expect((await resolve("waived", "again")).body["error"]).toMatchObject({ code: "illegal_transition" });
});

test("T2 a timer set again is armed anew, and one that fired says so when it is cancelled", async () => {
  const run = await makeRun(world.store, { status: "WAITING" });
  const path = (id: string) => `/api/v1/runs/${run.id}/timers/${encodeURIComponent(id)}`;
  const set = (id: string, body: unknown) => world.ask("operator", "PUT", path(id), body);
  const first = await set("soft/deadline", { kind: "soft-deadline", payload: { n: 1 }, inMs: 60_000 });
  expect([first.status, first.body]).toMatchObject([200, { id: "soft/deadline", kind: "soft-deadline", payload: { n: 1 }, status: "ARMED", attempts: 0 }]);
  const fireAt = "2030-01-01T00:00:00.000Z";
  expect((await set("soft/deadline", { kind: "soft-deadline", fireAt })).body).toMatchObject({ fireAt, payload: null, status: "ARMED" });
  expect((await world.ask("operator", "DELETE", path("soft/deadline"))).body).toMatchObject({ status: "CANCELLED" });
  expect((await set("soft/deadline", { kind: "soft-deadline", inMs: 1 })).body).toMatchObject({ status: "ARMED" });

  const fired = await makeTimer(world.store, run.id, { kind: "own", status: "FIRED" });
  const late = await world.ask("operator", "DELETE", path(fired.id));
  expect([late.status, late.body["error"]]).toMatchObject([409, { code: "illegal_transition", message: expect.stringContaining("fired") as string, details: { status: "FIRED" } }]);
  for (const body of [{ kind: "own" }, { kind: "own", inMs: 1, fireAt }, { inMs: 1 }, { kind: "gate_timeout", inMs: 1 }, { kind: "own", inMs: -1 }]) {
    expect([body, (await set("other", body)).body["error"]]).toMatchObject([body, { code: "invalid_input" }]);
  }
  expect((await world.ask("operator", "DELETE", path("none"))).status).toBe(404);
  const ended = await makeRun(world.store, { status: "COMPLETED" });
  expect((await world.ask("operator", "PUT", `/api/v1/runs/${ended.id}/timers/x`, { kind: "own", inMs: 1 })).body["error"]).toMatchObject({ code: "illegal_transition" });
});

test("an open gate gets more time from who may decide it, and a decided one none", async () => {
  const run = await makeRun(world.store, { status: "WAITING" });
  const gate = await makeGate(world.store, run.id, { deadlineMs: 60_000 });
  const extend = (body: unknown) => world.ask("approver", "POST", `/api/v1/gates/${gate.id}/extension`, body);
  const before = (await world.ask("viewer", "GET", `/api/v1/gates/${gate.id}`)).body;
  const extended = await extend({ forMs: 3_600_000, reason: "the CFO is on a plane" });
  expect([extended.status, extended.body["status"]]).toEqual([200, "OPEN"]);
  expect(Date.parse(String(extended.body["deadlineAt"]))).toBeGreaterThan(Date.parse(String(before["deadlineAt"])) + 3_000_000);
  for (const body of [{ forMs: 0, reason: "x" }, { forMs: 60_000 }, { reason: "x" }]) expect((await extend(body)).body["error"]).toMatchObject({ code: "invalid_input" });
  await world.ask("approver", "POST", `/api/v1/gates/${gate.id}/decision`, { outcome: "approved", fingerprint: gate.fingerprint });
  const late = await extend({ forMs: 60_000, reason: "x" });
  expect([late.status, late.body["error"]]).toMatchObject([409, { code: "already_decided" }]);
});
