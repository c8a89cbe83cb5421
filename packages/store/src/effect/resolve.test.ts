import { allows, EFFECT_STATUSES, effectMachine } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJournal } from "../journal/read.ts";
import { actors, makeEffect, makeRun, openTestStore, parkOn, type EffectShape, type RunShape, type TestStore } from "../testing/index.ts";
import { claimEffectsToCheck } from "./claim-to-check.ts";
import { getEffect } from "./get.ts";
import { recordObservation } from "./observe.ts";
import { resolveEffect, type ResolveEffect } from "./resolve.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore({ max: 20 });
});
afterAll(() => store.close());

async function parkedOnEffect(shape: EffectShape = {}, run: RunShape = {}) {
  const { id: runId } = await makeRun(store, run);
  const effect = await makeEffect(store, runId, shape);
  if (run.status === undefined) await parkOn(store, runId, [{ on: "effect", effectId: effect.id, tool: effect.tool }]);
  return effect;
}
const resolve = (id: string, outcome: ResolveEffect["outcome"], more: Partial<ResolveEffect> = {}) =>
  resolveEffect(store, { id, outcome, reason: "I asked the bank", actor: actors.operator, ...more });
const counters = async (runId: string) => (await store.pool.query("SELECT status, inbox, foreign_outcomes AS foreign, open_effects AS open FROM tape.runs WHERE id = $1", [runId])).rows[0];

test("confirmed by a person: the code gets the result, the run goes on, the word is audited", async () => {
  const effect = await parkedOnEffect();
  expect(await resolve(effect.id, "confirmed", { result: { ref: "tx-9" } })).toMatchObject({ status: "CONFIRMED", response: { ref: "tx-9" } });
  expect(await counters(effect.runId)).toEqual({ status: "RUNNABLE", inbox: 1, foreign: 1, open: 0 });
  expect((await readJournal(store, { runId: effect.runId })).items.at(-1)).toMatchObject({ verb: "confirmed", payload: { by: "person", actor: actors.operator.id, reason: "I asked the bank" } });
  const { rows } = await store.pool.query("SELECT actor, action, details::json AS details FROM tape.audit WHERE target = $1", [effect.id]);
  expect(rows).toEqual([{ actor: actors.operator.id, action: "effect.resolve", details: { outcome: "confirmed", reason: "I asked the bank", tool: "wire", from: "UNKNOWN" } }]);
});

test("failed by a person: the code gets their reason as its error", async () => {
  const effect = await parkedOnEffect();
  expect(await resolve(effect.id, "failed")).toMatchObject({ status: "FAILED", error: { message: "I asked the bank" } });
  expect(await counters(effect.runId)).toEqual({ status: "RUNNABLE", inbox: 1, foreign: 1, open: 0 });
});

test("a run that waits for something else is not woken by a settled effect, and is by one to send again", async () => {
  const settled = await parkedOnEffect();
  await parkOn(store, settled.runId, [{ on: "signal", key: "k", name: "go" }]);
  await resolve(settled.id, "confirmed");
  expect(await counters(settled.runId)).toMatchObject({ status: "WAITING", inbox: 1 });
  const again = await makeEffect(store, settled.runId);
  expect(await resolve(again.id, "retry")).toMatchObject({ status: "PENDING" });
  expect(await counters(settled.runId)).toEqual({ status: "RUNNABLE", inbox: 2, foreign: 1, open: 1 });
});

test("a NON_IDEMPOTENT effect is sent again by a person's word only when it is known to be absent", async () => {
  const effect = await parkedOnEffect({ dispatch: "OUTBOX", semantics: "NON_IDEMPOTENT" });
  await expect(resolve(effect.id, "retry")).rejects.toMatchObject({ code: "illegal_transition", message: expect.stringContaining("could do it twice") });
  const [claimed] = await claimEffectsToCheck(store, { tools: [{ app: "test", tool: "wire" }], agents: [], owner: "wrk_1", limit: 1 });
  await recordObservation(store, { effectId: effect.id, claim: claimed!.claim, observation: { status: "absent" } });
  expect(await resolve(effect.id, "retry")).toMatchObject({ status: "PENDING", needsPerson: false });
  expect(await counters(effect.runId)).toMatchObject({ status: "WAITING", open: 1 });
  await store.pool.query("UPDATE tape.effects SET status = 'UNKNOWN', unknown_since = tape.now() WHERE id = $1", [effect.id]);
  await expect(resolve(effect.id, "retry")).rejects.toMatchObject({ code: "illegal_transition" });
});

test("PENDING is settled in a run that nobody drives, and refused while somebody does or sends it", async () => {
  const driven = await parkedOnEffect({ status: "PENDING" }, { status: "RUNNING", owner: "wrk_7" });
  await expect(resolve(driven.id, "confirmed")).rejects.toMatchObject({ code: "illegal_transition", message: expect.stringContaining("wrk_7") });
  const lost = await parkedOnEffect({ status: "PENDING" }, { status: "RUNNING", leaseMs: -1 });
  expect(await resolve(lost.id, "confirmed")).toMatchObject({ status: "CONFIRMED" });
  const queued = await parkedOnEffect({ status: "PENDING" }, { status: "RUNNABLE" });
  await expect(resolve(queued.id, "retry")).rejects.toMatchObject({ message: expect.stringContaining("without being asked") });
  expect(await resolve(queued.id, "failed")).toMatchObject({ status: "FAILED" });
  const outbox = await parkedOnEffect({ status: "PENDING", dispatch: "OUTBOX" });
  await store.pool.query("UPDATE tape.effects SET in_flight_at = tape.now(), claim = 'c', claim_expires_at = tape.now() + interval '1 minute' WHERE id = $1", [outbox.id]);
  await expect(resolve(outbox.id, "failed")).rejects.toMatchObject({ message: expect.stringContaining("at this moment") });
});

test("what nobody would send any more cannot be sent again, and can be settled", async () => {
  for (const [shape, status] of [[{}, "CANCELLED"], [{}, "COMPLETED"], [{ dispatch: "OUTBOX" }, "CANCELLED"]] as const) {
    const effect = await parkedOnEffect(shape, { status });
    await expect(resolve(effect.id, "retry")).rejects.toMatchObject({ code: "illegal_transition", details: { runStatus: status } });
    expect(await resolve(effect.id, "failed")).toMatchObject({ status: "FAILED" });
    expect(await counters(effect.runId)).toMatchObject({ status, open: 0 });
  }
});

test.each(EFFECT_STATUSES.map((status) => [status]))("a person's words on an effect that is %s are as the machine says", async (status) => {
  for (const [outcome, event] of [["confirmed", "confirm"], ["failed", "fail"], ["retry", "retry"]] as const) {
    const effect = await parkedOnEffect({ status: status === "PENDING" ? "PENDING" : "UNKNOWN" });
    if (status === "CONFIRMED") await resolve(effect.id, "confirmed");
    if (status === "FAILED") await resolve(effect.id, "failed");
    const before = await getEffect(store, effect);
    const counted = await counters(effect.runId);
    expect(before.status).toBe(status);
    const isDone = await resolve(effect.id, outcome).then(() => true, (error: { code: string; details: object }) => {
      expect(error).toMatchObject({ code: "illegal_transition", details: { status } });
      return false;
    });
    expect(isDone).toBe(allows(effectMachine, status, event));
    if (!isDone) {
      expect(await getEffect(store, effect)).toEqual(before);
      expect(await counters(effect.runId)).toEqual(counted);
    }
  }
});

test("a person and the reconciler settle one effect at the same moment, 100 times: one outcome, counted once", async () => {
  const effects = await Promise.all(Array.from({ length: 100 }, () => parkedOnEffect({ tool: "race" })));
  const claims = await claimEffectsToCheck(store, { tools: [{ app: "test", tool: "race" }], agents: [], owner: "wrk_1", limit: 200 });
  const claimOf = new Map(claims.map(({ effectId, claim }) => [effectId, claim]));
  await Promise.allSettled(
    effects.flatMap(({ id }) => [resolve(id, "confirmed", { result: "person" }), recordObservation(store, { effectId: id, claim: claimOf.get(id)!, observation: { status: "confirmed", result: "bank" } })]),
  );
  const verify = async (effect: { id: string; runId: string }) => {
    expect(await counters(effect.runId)).toEqual({ status: "RUNNABLE", inbox: 1, foreign: 1, open: 0 });
    const confirmed = (await readJournal(store, { runId: effect.runId })).items.filter(({ verb }) => verb === "confirmed");
    expect(confirmed).toHaveLength(1);
    expect((await getEffect(store, effect)).response).toBe((confirmed[0]!.payload as { result: string }).result);
  };
  await Promise.all(effects.map(verify));
});

test("L3 an approver may not settle an effect; a reason is required; rubbish is not found; 2 MiB are too much", async () => {
  const effect = await parkedOnEffect();
  await expect(resolve(effect.id, "failed", { actor: actors.approver })).rejects.toMatchObject({ code: "forbidden", details: { needed: "operator" } });
  await expect(resolve(effect.id, "failed", { reason: "" })).rejects.toMatchObject({ code: "invalid_input" });
  await expect(resolve(effect.id, "confirmed", { result: "x".repeat(2 ** 21) })).rejects.toMatchObject({ code: "payload_too_large" });
  for (const id of ["eff_\0", "../1", "eff_00000000000000000000000000"]) await expect(resolve(id, "failed")).rejects.toMatchObject({ code: "not_found" });
});
