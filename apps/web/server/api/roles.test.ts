import { ROLES } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeEffect, makeGate, makeRun, makeTimer } from "@tape/store/testing";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

test("each role may do its own and what those below it may, and nothing more", async () => {
  const run = await makeRun(world.store, { status: "WAITING" });
  const gate = await makeGate(world.store, run.id);
  const effect = await makeEffect(world.store, run.id);
  const theirs = await makeGate(world.store, run.id, { name: "board", assignees: ["user:board@example.com"] });
  const ended = await makeRun(world.store, { status: "COMPLETED" });
  const timer = await makeTimer(world.store, run.id, { id: "soft", kind: "own", inMs: 60_000 });
  const acts = [
    { needs: "viewer", method: "GET", path: "/runs" },
    { needs: "viewer", method: "GET", path: "/gates" },
    { needs: "viewer", method: "GET", path: "/audit" },
    { needs: "viewer", method: "GET", path: "/system" },
    { needs: "viewer", method: "GET", path: "/sinks" },
    { needs: "operator", method: "POST", path: "/sinks/books/resume" },
    { needs: "admin", method: "DELETE", path: "/sinks/books" },
    { needs: "approver", method: "POST", path: `/gates/${gate.id}/decision`, body: { outcome: "approved", fingerprint: "stale" } },
    { needs: "approver", method: "POST", path: `/gates/${gate.id}/extension`, body: { forMs: 60_000, reason: "away" } },
    { needs: "operator", method: "POST", path: `/gates/${theirs.id}/extension`, body: { forMs: 60_000, reason: "away" } },
    { needs: "viewer", method: "GET", path: "/values?namespace=demo" },
    { needs: "viewer", method: "GET", path: "/values/demo/none" },
    { needs: "viewer", method: "GET", path: "/values/demo/none/history" },
    { needs: "operator", method: "PUT", path: "/values/demo/key", body: { value: 1 } },
    { needs: "operator", method: "DELETE", path: "/values/demo/none" },
    { needs: "operator", method: "PUT", path: `/runs/${run.id}/timers/own`, body: { kind: "own", inMs: 60_000 } },
    { needs: "operator", method: "DELETE", path: `/runs/${run.id}/timers/${timer.id}` },
    { needs: "viewer", method: "GET", path: `/runs/${ended.id}/compensation` },
    { needs: "operator", method: "POST", path: "/obligations/obl_01ARZ3NDEKTSV4RRFFQ69G5FAV/resolution", body: { outcome: "done", reason: "x" } },
    { needs: "operator", method: "POST", path: `/runs/${ended.id}/compensate`, body: { reason: "x" } },
    { needs: "operator", method: "POST", path: `/runs/${ended.id}/progress-link`, body: {} },
    { needs: "operator", method: "POST", path: `/runs/${ended.id}/cancel`, body: { reason: "x" } },
    { needs: "operator", method: "POST", path: "/runs", body: { agent: "pay" } },
    { needs: "operator", method: "POST", path: `/runs/${run.id}/signals`, body: { name: "hello" } },
    { needs: "operator", method: "POST", path: `/runs/${run.id}/redrive`, body: { reason: "x" } },
    { needs: "operator", method: "POST", path: `/effects/${effect.id}/resolution`, body: { outcome: "failed", reason: "x" } },
    { needs: "admin", method: "GET", path: "/tokens" },
    { needs: "admin", method: "POST", path: "/tokens", body: { name: "ci", role: "admin" } },
    { needs: "admin", method: "DELETE", path: "/tokens/tok_01ARZ3NDEKTSV4RRFFQ69G5FAV" },
  ] as const;
  for (const act of acts) {
    for (const role of ROLES) {
      const { status, body } = await world.ask(role, act.method, `/api/v1${act.path}`, "body" in act ? act.body : undefined);
      const isAllowed = ROLES.indexOf(role) >= ROLES.indexOf(act.needs);
      expect([role, act.method, act.path, status === 403]).toEqual([role, act.method, act.path, !isAllowed]);
      if (!isAllowed) expect(body["error"]).toMatchObject({ code: "forbidden" });
    }
  }
});

test("a token is told once, works, and works no more when it is revoked or has expired", async () => {
  const made = await world.ask("admin", "POST", "/api/v1/tokens", { name: "ci", role: "operator" });
  expect([made.status, made.body]).toMatchObject([201, { name: "ci", role: "operator", revokedAt: null, secret: expect.any(String) as string }]);
  const me = async () => await fetch(`${world.url}/api/v1/me`, { headers: { authorization: `Bearer ${String(made.body["secret"])}` } });
  expect(await (await me()).json()).toEqual({ actor: "token:ci", email: null, name: "ci", role: "operator" });
  const { body } = await world.ask("admin", "GET", "/api/v1/tokens");
  expect(JSON.stringify(body)).not.toContain(String(made.body["secret"]));
  expect((await world.ask("admin", "DELETE", `/api/v1/tokens/${String(made.body["id"])}`)).status).toBe(204);
  expect((await me()).status).toBe(401);

  const expired = await world.ask("admin", "POST", "/api/v1/tokens", { name: "late", role: "viewer", expiresAt: "2020-01-01T00:00:00Z" });
  const status = (await fetch(`${world.url}/api/v1/me`, { headers: { authorization: `Bearer ${String(expired.body["secret"])}` } })).status;
  expect([expired.status >= 400, status]).toContainEqual(expired.status >= 400 ? true : 401);
});
