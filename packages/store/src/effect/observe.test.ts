import type { Dispatch, RunStatus, Semantics } from "@tape/core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readJournal } from "../journal/read.ts";
import { listObligations } from "../obligation/list.ts";
import { getRun } from "../run/get.ts";
import { actors, makeEffect, makeRun, openTestStore, parkOn, type EffectShape, type RunShape, type TestStore } from "../testing/index.ts";
import { claimEffectsToCheck } from "./claim-to-check.ts";
import { getEffect } from "./get.ts";
import { listEffects } from "./list.ts";
import { nextCheckAt } from "./next-check-at.ts";
import { recordObservation, type Observation } from "./observe.ts";
import { resendEffect } from "./resend.ts";
import { resolveEffect } from "./resolve.ts";
import { leaveWorker } from "../worker/leave.ts";
import { registerWorker } from "../worker/register.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore({ max: 20 });
});
afterAll(() => store.close());
afterEach(() => store.pool.query("UPDATE tape.effects SET next_check_at = NULL"));

const loaded = { tools: [{ app: "test", tool: "wire" }], agents: [] };
const claim = (limit = 10, owner = "wrk_1") => claimEffectsToCheck(store, { ...loaded, owner, limit });

/** A run parked on an UNKNOWN effect. */
async function parkedOnEffect(shape: EffectShape = {}, run: RunShape = {}) {
  const { id: runId } = await makeRun(store, run);
  const effect = await makeEffect(store, runId, shape);
  if (run.status === undefined || run.status === "WAITING") await parkOn(store, runId, [{ on: "effect", effectId: effect.id, tool: effect.tool }]);
  return effect;
}

async function observe(effectId: string, observation: Observation) {
  await store.pool.query("UPDATE tape.effects SET next_check_at = tape.now() WHERE id = $1 AND status = 'UNKNOWN'", [effectId]);
  const claimed = (await claim()).find((one) => one.effectId === effectId)!;
  return await recordObservation(store, { effectId, claim: claimed.claim, observation });
}

const counters = async (runId: string) => (await store.pool.query("SELECT status, inbox, foreign_outcomes AS foreign, open_effects AS open FROM tape.runs WHERE id = $1", [runId])).rows[0];
const last = async (runId: string) => (await readJournal(store, { runId })).items.at(-1)!;

test("an effect seen confirmed is settled, journaled, counted, and wakes the run that waits for it", async () => {
  const effect = await parkedOnEffect({ compensator: "wire/undo" });
  const settled = await observe(effect.id, { status: "confirmed", result: { ref: "tx-1" }, externalRef: "tx-1", summary: "Wired 12 EUR" });
  expect(settled).toMatchObject({ status: "CONFIRMED", response: { ref: "tx-1" }, externalRef: "tx-1", summary: "Wired 12 EUR", needsPerson: false, nextCheckAt: null });
  expect(await counters(effect.runId)).toEqual({ status: "RUNNABLE", inbox: 1, foreign: 1, open: 0 });
  const { items } = await readJournal(store, { runId: effect.runId });
  expect(items.slice(-2)).toMatchObject([
    { kind: "effect", verb: "confirmed", payload: { effectId: effect.id, by: "reconciler" } },
    { kind: "obligation", verb: "registered", payload: { effectId: effect.id, compensator: "wire/undo", reason: "confirmed" } },
  ]);
  expect((await listObligations(store, { runId: effect.runId })).items).toMatchObject([{ kind: "wire/undo", status: "REGISTERED", payload: { input: { to: "acme" }, result: { ref: "tx-1" } } }]);
});

test("an effect seen failed carries the counterparty's words, and its business key is free again", async () => {
  const effect = await parkedOnEffect({ dispatch: "OUTBOX", semantics: "NON_IDEMPOTENT", businessKey: "invoice-7" });
  expect(await observe(effect.id, { status: "failed", error: "account closed" })).toMatchObject({ status: "FAILED", error: { message: "account closed" }, response: null });
  expect(await counters(effect.runId)).toEqual({ status: "RUNNABLE", inbox: 1, foreign: 1, open: 0 });
  expect((await store.pool.query("SELECT 1 FROM tape.business_keys WHERE business_key = 'invoice-7'")).rows).toEqual([]);
});

const ABSENT: [Semantics, Dispatch, RunStatus, string, string][] = [
  ["IDEMPOTENT", "INLINE", "WAITING", "PENDING", "RUNNABLE"],
  ["IDEMPOTENT", "INLINE", "RUNNING", "PENDING", "RUNNING"],
  ["IDEMPOTENT", "INLINE", "STUCK", "PENDING", "STUCK"],
  ["IDEMPOTENT", "INLINE", "CANCELLED", "FAILED", "CANCELLED"],
  ["OBSERVE_ONLY", "INLINE", "WAITING", "PENDING", "RUNNABLE"],
  ["IDEMPOTENT", "OUTBOX", "WAITING", "PENDING", "WAITING"],
  ["IDEMPOTENT", "OUTBOX", "COMPLETED", "PENDING", "COMPLETED"],
  ["IDEMPOTENT", "OUTBOX", "CANCELLED", "FAILED", "CANCELLED"],
  ["NON_IDEMPOTENT", "OUTBOX", "WAITING", "UNKNOWN", "WAITING"],
  ["NON_IDEMPOTENT", "OUTBOX", "CANCELLED", "UNKNOWN", "CANCELLED"],
];
test.each(ABSENT)("absent: %s %s in a run that is %s becomes %s, the run %s", async (semantics, dispatch, runStatus, becomes, runBecomes) => {
  const effect = await parkedOnEffect({ semantics, dispatch }, { status: runStatus });
  const seen = await observe(effect.id, { status: "absent" });
  expect(seen).toMatchObject({ status: becomes, needsPerson: becomes === "UNKNOWN", nextCheckAt: null });
  expect((await counters(effect.runId)).status).toBe(runBecomes);
  if (becomes === "UNKNOWN") expect(await last(effect.runId)).toMatchObject({ verb: "observed", payload: { observation: "absent" } });
  const { rows } = await store.pool.query("SELECT due_at IS NOT NULL AS due FROM tape.effects WHERE id = $1", [effect.id]);
  expect(rows).toEqual([{ due: becomes === "PENDING" && dispatch === "OUTBOX" }]);
});

test("inconclusive waits 1 s, 2 s, 4 s … 5 min; a NON_IDEMPOTENT one is shown to a person after ten, and still asked after", async () => {
  const effect = await parkedOnEffect({ dispatch: "OUTBOX", semantics: "NON_IDEMPOTENT" });
  const delays: number[] = [];
  for (let check = 1; check <= 12; check++) {
    const asked = Date.now();
    const { checks, nextCheckAt: next, needsPerson, status } = await observe(effect.id, { status: "inconclusive", message: "busy" });
    expect({ checks, needsPerson, status }).toEqual({ checks: check, needsPerson: check >= 10, status: "UNKNOWN" });
    delays.push(Math.round((Date.parse(next!) - asked) / 1000));
  }
  expect(delays).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  const observed = (await readJournal(store, { runId: effect.runId })).items.filter(({ verb }) => verb === "observed");
  expect(observed).toHaveLength(10);
  expect(await counters(effect.runId)).toEqual({ status: "WAITING", inbox: 0, foreign: 0, open: 1 });
});

test("two reconcilers get different effects, and only of tools they have; a claim is due again when nobody reports", async () => {
  const effects = await Promise.all(Array.from({ length: 30 }, () => parkedOnEffect()));
  await parkedOnEffect({ tool: "other" });
  await parkedOnEffect({ checkInMs: 60_000 });
  const claims = (await Promise.all(Array.from({ length: 6 }, (_, n) => claim(10, `wrk_${n}`)))).flat();
  expect(claims.map(({ effectId }) => effectId).sort()).toEqual(effects.map(({ id }) => id).sort());
  expect(claims[0]).toMatchObject({ app: "test", agent: "pay", tool: "wire", request: { to: "acme" }, key: expect.stringContaining("/wire/") });
  expect(await claim()).toEqual([]);
  expect((await nextCheckAt(store, loaded))!.inMs).toBeGreaterThan(50_000);
  await store.pool.query("UPDATE tape.effects SET next_check_at = tape.now() WHERE id = $1", [effects[0]!.id]);
  expect(await claim()).toMatchObject([{ effectId: effects[0]!.id }]);
  expect(await claimEffectsToCheck(store, { tools: [], agents: [], owner: "wrk_1", limit: 5 })).toEqual([]);
});

test("a report under a claim that another has taken is refused, but a confirmation is not", async () => {
  const effect = await parkedOnEffect();
  const [stale] = await claim();
  await store.pool.query("UPDATE tape.effects SET next_check_at = tape.now() WHERE id = $1", [effect.id]);
  const [fresh] = await claim(10, "wrk_2");
  for (const observation of [{ status: "absent" }, { status: "failed", error: "no" }, { status: "inconclusive" }] as const) {
    await expect(recordObservation(store, { effectId: effect.id, claim: stale!.claim, observation })).rejects.toMatchObject({ code: "lease_lost", details: { claim: fresh!.claim } });
  }
  await recordObservation(store, { effectId: effect.id, claim: stale!.claim, observation: { status: "confirmed", result: 1 } });
  expect(await recordObservation(store, { effectId: effect.id, claim: fresh!.claim, observation: { status: "confirmed", result: 1 } })).toMatchObject({ status: "CONFIRMED" });
  expect(await counters(effect.runId)).toEqual({ status: "RUNNABLE", inbox: 1, foreign: 1, open: 0 });
});

test("an observation that contradicts the outcome that stands is effect.conflict; what was done owes its inverse", async () => {
  const effect = await parkedOnEffect({ compensator: "wire/undo" });
  const [claimed] = await claim();
  await resolveEffect(store, { id: effect.id, outcome: "failed", reason: "the bank says no", actor: actors.operator });
  // Two reconcilers may have asked: what both say is one.
  for (const by of [claimed!.claim, "wrk_2/rec"]) {
    await recordObservation(store, { effectId: effect.id, claim: by, observation: { status: "confirmed", result: { ref: "tx" }, externalRef: "bank-7" } });
  }
  expect((await listObligations(store, { runId: effect.runId })).items).toMatchObject([{ payload: { input: { to: "acme" }, result: { ref: "tx" }, externalRef: "bank-7" } }]);
  expect(await getEffect(store, effect)).toMatchObject({ status: "FAILED", error: { message: "the bank says no" } });
  const { items } = await readJournal(store, { runId: effect.runId });
  expect(items.slice(-2)).toMatchObject([
    { verb: "conflict", payload: { outcome: "confirmed", standing: "FAILED", by: "reconciler" } },
    { verb: "registered", payload: { reason: "conflict" } },
  ]);
  expect(await counters(effect.runId)).toEqual({ status: "RUNNABLE", inbox: 1, foreign: 1, open: 0 });
});

test("a result that cannot be stored confirms the effect all the same, with a marker", async () => {
  const effect = await parkedOnEffect();
  expect(await observe(effect.id, { status: "confirmed", result: "x".repeat(2 ** 21) })).toMatchObject({ status: "CONFIRMED", response: null });
  expect(await last(effect.runId)).toMatchObject({ payload: { notStorable: expect.stringContaining("limit") } });
});

test("nobody to ask: IDEMPOTENT is sent again by back-off, five times, then a person has the word", async () => {
  const effect = await parkedOnEffect();
  for (let resend = 0; resend <= 5; resend++) {
    await store.pool.query("UPDATE tape.effects SET status = 'UNKNOWN', unknown_since = tape.now(), next_check_at = tape.now(), checks = 0 WHERE id = $1", [effect.id]);
    const [early] = await claim();
    const left = await resendEffect(store, { effectId: effect.id, claim: early!.claim });
    if (resend === 5) {
      expect(left).toMatchObject({ status: "UNKNOWN", needsPerson: true, nextCheckAt: null });
      continue;
    }
    expect(left).toMatchObject({ status: "UNKNOWN", needsPerson: false });
    const delay = 1_000 * 2 ** resend;
    expect((await nextCheckAt(store, loaded))!.inMs).toBeGreaterThan(delay - 900);
    await store.pool.query("UPDATE tape.effects SET unknown_since = unknown_since - $2 * interval '1 ms', next_check_at = tape.now() WHERE id = $1", [effect.id, delay]);
    const [due] = await claim();
    expect(await resendEffect(store, { effectId: effect.id, claim: due!.claim })).toMatchObject({ status: "PENDING" });
    expect((await getRun(store, { id: effect.runId })).status).toBe("RUNNABLE");
    await parkOn(store, effect.runId, [{ on: "effect", effectId: effect.id, tool: "wire" }]);
  }
  expect((await readJournal(store, { runId: effect.runId })).items.filter(({ verb }) => verb === "retried")).toHaveLength(5);
});

test("nobody to ask: NON_IDEMPOTENT, and what nobody would send any more, are for a person at once", async () => {
  for (const shape of [{ semantics: "NON_IDEMPOTENT", dispatch: "OUTBOX" }, { run: "CANCELLED" }] as const) {
    const effect = await parkedOnEffect({ ...shape }, "run" in shape ? { status: shape.run } : {});
    const [claimed] = await claim();
    expect(await resendEffect(store, { effectId: effect.id, claim: claimed!.claim })).toMatchObject({ status: "UNKNOWN", needsPerson: true });
  }
});

test("the desk lists what is UNKNOWN, longest first, in pages; a run lists its effects as they were asked", async () => {
  const { id: runId } = await makeRun(store);
  const made: string[] = [];
  for (let n = 0; n < 5; n++) made.push((await makeEffect(store, runId, { tool: `t${n}` })).id);
  const first = await listEffects(store, { runId, limit: 3 });
  const second = await listEffects(store, { runId, limit: 3, cursor: first.nextCursor! });
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(made);
  expect(second.nextCursor).toBeNull();
  const desk = await listEffects(store, { status: "UNKNOWN", limit: 200 });
  expect(desk.items.filter(({ id }) => made.includes(id)).map(({ id }) => id)).toEqual(made);
  expect(desk.items.every(({ status }) => status === "UNKNOWN")).toBe(true);
  await expect(listEffects(store, { status: "CONFIRMED" })).rejects.toMatchObject({ code: "invalid_input" });
});

test("a tool that was defined on the spot is looked after by whoever drives its agent, unless somebody can ask about it", async () => {
  const run = await makeRun(store, { app: "spot", agent: "pay" });
  const effect = await makeEffect(store, run.id, { tool: "on-the-spot" });
  const driver = { tools: [], agents: [{ app: "spot", agent: "pay" }] };
  await registerWorker(store, { id: "wrk_asks", host: "h", pid: 1, lockKey: null, agents: [], tools: [{ app: "spot", tool: "on-the-spot", can: "check" }] });
  expect(await claimEffectsToCheck(store, { ...driver, owner: "wrk_2", limit: 5 })).toEqual([]);
  await leaveWorker(store, { id: "wrk_asks" });
  expect((await nextCheckAt(store, driver))!.inMs).toBe(0);
  expect(await claimEffectsToCheck(store, { ...driver, owner: "wrk_2", limit: 5 })).toMatchObject([{ effectId: effect.id, tool: "on-the-spot" }]);
});
