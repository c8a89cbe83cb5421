import type { RunStatus, Semantics } from "@tape/core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { commitRuns } from "../driver/commit/batch.ts";
import { Committer } from "../driver/committer.ts";
import { getEffect } from "../effect/get.ts";
import { listEffects } from "../effect/list.ts";
import { resolveEffect } from "../effect/resolve.ts";
import { claimEffectsToCheck } from "../effect/claim-to-check.ts";
import { readJournal } from "../journal/read.ts";
import { listObligations } from "../obligation/list.ts";
import { cancelRun } from "../run/cancel.ts";
import { compensateRun } from "../run/compensate.ts";
import { getRun } from "../run/get.ts";
import { systemStatus } from "../system/status.ts";
import { drivenRun } from "../testing/driver.ts";
import { actors, makeEffect, makeRun, openTestStore, parkOn, type EffectShape, type RunShape, type TestStore } from "../testing/index.ts";
import { beatWorker } from "../worker/beat.ts";
import { registerWorker } from "../worker/register.ts";
import { claimOutbox, markInFlight, nextOutboxAt, recordDispatch, recoverOutbox, reserveBusinessKey, type DispatchOutcome } from "./index.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore({ max: 20 });
});
afterAll(() => store.close());
afterEach(() => store.pool.query("UPDATE tape.effects SET due_at = NULL, next_check_at = NULL, claim = NULL"));

const bank = (places = 10) => [{ app: "test", connector: "bank", places }];
const claim = (owner = "wrk_1", places?: number) => claimOutbox(store, { owner, connectors: bank(places) });
const WHY = { reason: "wrong file", actor: actors.operator };

/** A run that waits for an effect of the outbox which is due. */
async function due(shape: EffectShape = {}, run: RunShape = {}) {
  const { id: runId } = await makeRun(store, run);
  const effect = await makeEffect(store, runId, { tool: "pay", status: "PENDING", dispatch: "OUTBOX", semantics: "NON_IDEMPOTENT", compensator: "pay/undo", ...shape });
  if (run.status === undefined) await parkOn(store, runId, [{ on: "effect", effectId: effect.id, tool: "pay" }]);
  return effect;
}
const once: Semantics = "NON_IDEMPOTENT";

async function sent(shape: EffectShape = {}, run: RunShape = {}) {
  const effect = await due(shape, run);
  const claimed = (await claim()).find(({ effectId }) => effectId === effect.id)!;
  await markInFlight(store, claimed);
  return { ...effect, claim: claimed.claim };
}
const say = (effect: { id: string; claim: string }, result: DispatchOutcome) => recordDispatch(store, { effectId: effect.id, claim: effect.claim, result });
const row = async (id: string) => (await store.pool.query("SELECT due_at IS NOT NULL AS due, claim, in_flight_at IS NOT NULL AS flying, attempts FROM tape.effects WHERE id = $1", [id])).rows[0] as { due: boolean; claim: string | null; flying: boolean; attempts: number };
const expire = (id: string) => store.pool.query("UPDATE tape.effects SET claim_expires_at = tape.now() - interval '1 ms', due_at = tape.now() - interval '1 ms' WHERE id = $1", [id]);
const makeDue = (id: string) => store.pool.query("UPDATE tape.effects SET due_at = tape.now() WHERE id = $1", [id]);
const verbs = async (runId: string) => (await readJournal(store, { runId })).items.map(({ kind, verb }) => `${kind}.${verb}`);
const status = async (runId: string) => (await getRun(store, { id: runId })).status;
const error = { name: "Error", message: "the bank is closed" };

test("an effect that is due is claimed with its intent, marked before it is sent, and its outcome wakes the run that waits", async () => {
  const effect = await due({ request: { to: "acme", cents: 1200 }, businessKey: "inv-1" });
  const [claimed] = await claim();
  expect(claimed).toMatchObject({ effectId: effect.id, runId: effect.runId, app: "test", agent: "pay", tool: "pay", connector: "bank", key: effect.key, businessKey: "inv-1", request: { to: "acme", cents: 1200 }, attempt: 1 });
  expect(await claim()).toEqual([]);
  expect(await markInFlight(store, claimed!)).toEqual({ to: "send" });
  expect(await markInFlight(store, claimed!)).toEqual({ to: "send" });
  expect(await row(effect.id)).toMatchObject({ flying: true });
  const settled = await say({ ...effect, claim: claimed!.claim }, { status: "confirmed", result: { id: "w1" }, externalRef: "bank/w1", summary: "Paid 12.00 EUR" });
  expect(settled).toMatchObject({ status: "CONFIRMED", response: { id: "w1" }, externalRef: "bank/w1", summary: "Paid 12.00 EUR" });
  expect(await status(effect.runId)).toBe("RUNNABLE");
  expect(await verbs(effect.runId)).toEqual(["run.started", "effect.intended", "effect.in_flight", "effect.confirmed", "obligation.registered"]);
  expect(await row(effect.id)).toEqual({ due: false, claim: null, flying: false, attempts: 1 });
});

test("claims: only for the places each connector has, the longest due first, of this app and loaded connectors", async () => {
  const [first, second] = [await due(), await due()];
  await store.pool.query("UPDATE tape.effects SET due_at = tape.now() - interval '1 s' WHERE id = $1", [second.id]);
  await due({}, { app: "other" });
  expect((await claim("wrk_1", 1)).map(({ effectId }) => effectId)).toEqual([second.id]);
  expect(await claimOutbox(store, { owner: "wrk_1", connectors: [{ app: "test", connector: "post", places: 9 }] })).toEqual([]);
  expect(await claim("wrk_1", 0)).toEqual([]);
  expect(await nextOutboxAt(store, { connectors: bank() })).toEqual({ inMs: 0 });
  expect((await claim()).map(({ effectId }) => effectId)).toEqual([first.id]);
  const next = await nextOutboxAt(store, { connectors: bank() });
  expect(next!.inMs).toBeGreaterThan(50_000);
  expect(await nextOutboxAt(store, { connectors: [{ app: "test", connector: "post" }] })).toBeNull();
});

test("a failure is final; a retry is due again by back-off under the same key; unknown is for the reconciler", async () => {
  const failed = await sent({ businessKey: "inv-2" });
  expect(await say(failed, { status: "failed", error })).toMatchObject({ status: "FAILED", error });
  expect(await status(failed.runId)).toBe("RUNNABLE");
  expect((await store.pool.query("SELECT FROM tape.business_keys WHERE business_key = 'inv-2'")).rows).toEqual([]);

  const again = await sent();
  for (const [attempt, retryInMs] of [[1, 1_000], [2, 2_000]] as const) {
    const claimed = attempt === 1 ? again : { ...again, claim: (await claim())[0]!.claim };
    if (attempt > 1) await markInFlight(store, { effectId: again.id, claim: claimed.claim });
    expect(await say(claimed, { status: "retry", error })).toMatchObject({ status: "PENDING", attempts: attempt + 1 });
    expect((await readJournal(store, { runId: again.runId })).items.at(-1)).toMatchObject({ verb: "attempt_failed", payload: { attempt, retryInMs, error } });
    expect(await claim()).toEqual([]);
    await makeDue(again.id);
  }
  const [third] = await claim();
  expect(third).toMatchObject({ key: again.key, attempt: 3 });
  await markInFlight(store, third!);
  await recordDispatch(store, { effectId: again.id, claim: third!.claim, result: { status: "retry", error, afterMs: 90_000 } });
  expect((await readJournal(store, { runId: again.runId })).items.at(-1)).toMatchObject({ payload: { retryInMs: 90_000 } });

  const lost = await sent();
  expect(await say(lost, { status: "unknown", reason: "no answer", checkable: true })).toMatchObject({ status: "UNKNOWN", needsPerson: false });
  expect(await row(lost.id)).toEqual({ due: false, claim: null, flying: false, attempts: 1 });
  expect(await status(lost.runId)).toBe("WAITING");
});

test("E6 two dispatchers claim one effect: one wins; a claim that ran out before its mark is taken over, and the old one is refused, naming whose it is", async () => {
  const effect = await due();
  const both = await Promise.all([claim("wrk_1"), claim("wrk_2")]);
  expect(both.map(({ length }) => length).sort()).toEqual([0, 1]);
  const [old] = both.flat();
  await expire(effect.id);
  const [taken] = await claim("wrk_3");
  expect(taken!.effectId).toBe(effect.id);
  const refused = { code: "lease_lost", details: { claim: taken!.claim }, message: expect.stringContaining("wrk_3") as string };
  await expect(markInFlight(store, old!)).rejects.toMatchObject(refused);
  await markInFlight(store, taken!);
  for (const result of [{ status: "failed", error }, { status: "retry", error }, { status: "unknown", reason: "?", checkable: true }] as const) {
    await expect(say({ ...effect, claim: old!.claim }, result)).rejects.toMatchObject(refused);
  }
  expect(await getEffect(store, { id: effect.id })).toMatchObject({ status: "PENDING", attempts: 1 });
  // That it did happen is taken from whoever did it (D12); who comes later finds it settled.
  expect(await say({ ...effect, claim: old!.claim }, { status: "confirmed", result: 1 })).toMatchObject({ status: "CONFIRMED" });
  expect(await say({ ...effect, claim: taken!.claim }, { status: "confirmed", result: 1 })).toMatchObject({ status: "CONFIRMED", response: 1 });
  expect((await verbs(effect.runId)).filter((verb) => verb === "effect.confirmed" || verb === "effect.conflict")).toEqual(["effect.confirmed"]);
});

test("a confirmation against a recorded failure is a conflict, once, and owes its inverse", async () => {
  const effect = await sent();
  await say(effect, { status: "failed", error });
  for (let times = 0; times < 2; times++) expect(await say(effect, { status: "confirmed", result: { id: "w9" } })).toMatchObject({ status: "FAILED" });
  expect((await verbs(effect.runId)).filter((verb) => verb === "effect.conflict")).toHaveLength(1);
  expect((await listObligations(store, { runId: effect.runId })).items).toMatchObject([{ kind: "pay/undo", payload: { result: { id: "w9" } } }]);
});

test.each([
  ["NON_IDEMPOTENT", "UNKNOWN"],
  ["IDEMPOTENT", "PENDING"],
] as const)("E5 a sender lost between sending and recording: %s becomes %s; what it had not begun is due again", async (semantics, becomes) => {
  const [flying, waiting] = [await due({ semantics }), await due({ semantics })];
  const claimed = await claim();
  await markInFlight(store, claimed.find(({ effectId }) => effectId === flying.id)!);
  expect(await recoverOutbox(store, { limit: 10, sessionLocks: true })).toEqual([]);
  await Promise.all([expire(flying.id), expire(waiting.id)]);
  const recovered = await Promise.all([recoverOutbox(store, { limit: 10, sessionLocks: true }), recoverOutbox(store, { limit: 10, sessionLocks: true })]);
  expect(recovered.flat()).toHaveLength(2);
  expect(await getEffect(store, { id: flying.id })).toMatchObject({ status: becomes, needsPerson: false });
  expect(await row(waiting.id)).toMatchObject({ due: true, claim: null, flying: false, attempts: 1 });
  expect((await claim()).map(({ effectId }) => effectId)).toEqual([waiting.id]);
  if (becomes === "PENDING") {
    await makeDue(flying.id);
    expect(await claim()).toMatchObject([{ effectId: flying.id, key: flying.key, attempt: 2 }]);
  } else {
    expect(await claimEffectsToCheck(store, { owner: "wrk_1", tools: [{ app: "test", tool: "pay" }], agents: [], limit: 10 })).toMatchObject([{ effectId: flying.id }]);
  }
});

test("E5 a sender that is dead is found by its presence, before its claim runs out; one that lives keeps it", async () => {
  const worker = (id: string) => registerWorker(store, { id, host: "h", pid: 1, lockKey: null, agents: [], tools: [] });
  await Promise.all([worker("wrk_dead"), worker("wrk_alive")]);
  const [first, second] = [await due(), await due()];
  for (const owner of ["wrk_dead", "wrk_alive"]) await markInFlight(store, (await claim(owner, 1))[0]!);
  await beatWorker(store, { id: "wrk_alive", running: 0 });
  await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - interval '11 s' WHERE id = 'wrk_dead'");
  expect(await recoverOutbox(store, { limit: 10, sessionLocks: true })).toMatchObject([{ effectId: first.id, is: "unknown" }]);
  expect(await getEffect(store, { id: second.id })).toMatchObject({ status: "PENDING" });
});

test.each(["CANCELLED", "FAILED", "COMPENSATING"] satisfies RunStatus[])("D17 not sent once its run is %s: FAILED, cancelled", async (runStatus) => {
  const effect = await due({}, runStatus === "COMPENSATING" ? { status: runStatus, endedAs: "COMPLETED" } : { status: runStatus });
  const [claimed] = await claim();
  expect(await markInFlight(store, claimed!)).toEqual({ to: "cancelled" });
  expect(await getEffect(store, { id: effect.id })).toMatchObject({ status: "FAILED", error: { name: "RunCancelled" } });
  expect((await readJournal(store, { runId: effect.runId })).items.at(-1)).toMatchObject({ verb: "failed", payload: { by: "outbox", reason: "cancelled" } });
});

test("cancel before it is in flight: FAILED (cancelled), never sent, its business key free; after it: its outcome is still taken", async () => {
  const unsent = await due({ businessKey: "inv-3" });
  const claimed = await claim();
  await cancelRun(store, { id: unsent.runId, ...WHY });
  expect(await getEffect(store, { id: unsent.id })).toMatchObject({ status: "FAILED", error: { name: "RunCancelled" } });
  await expect(markInFlight(store, claimed[0]!)).rejects.toMatchObject({ code: "lease_lost" });
  expect(await claim()).toEqual([]);
  expect((await store.pool.query("SELECT FROM tape.business_keys WHERE business_key = 'inv-3'")).rows).toEqual([]);

  const flying = await sent();
  await cancelRun(store, { id: flying.runId, ...WHY });
  expect(await say(flying, { status: "confirmed", result: 1 })).toMatchObject({ status: "CONFIRMED" });
  expect((await listObligations(store, { runId: flying.runId })).items).toHaveLength(1);
  expect(await status(flying.runId)).toBe("CANCELLED");

  const notSent = await sent({ semantics: "IDEMPOTENT" });
  await cancelRun(store, { id: notSent.runId, ...WHY });
  expect(await say(notSent, { status: "retry", error })).toMatchObject({ status: "FAILED", error: { name: "RunCancelled" } });

  const gone = await sent({ semantics: "IDEMPOTENT" });
  await cancelRun(store, { id: gone.runId, ...WHY });
  await expire(gone.id);
  expect(await recoverOutbox(store, { limit: 10, sessionLocks: true })).toMatchObject([{ effectId: gone.id, is: "unknown" }]);
});

test("cancel while an IDEMPOTENT effect that may have been sent is due again: UNKNOWN, not FAILED", async () => {
  const timedOut = await sent({ semantics: "IDEMPOTENT" });
  await cancelRun(store, { id: timedOut.runId, ...WHY });
  expect(await say(timedOut, { status: "retry", error, mayHaveHappened: true })).toMatchObject({ status: "UNKNOWN" });

  const again = await sent({ semantics: "IDEMPOTENT" });
  expect(await say(again, { status: "retry", error, mayHaveHappened: true })).toMatchObject({ status: "PENDING", attempts: 2 });
  await cancelRun(store, { id: again.runId, ...WHY });
  expect(await getEffect(store, { id: again.id })).toMatchObject({ status: "UNKNOWN" });

  const lost = await sent({ semantics: "IDEMPOTENT" });
  await expire(lost.id);
  expect(await recoverOutbox(store, { limit: 10, sessionLocks: true })).toMatchObject([{ effectId: lost.id, is: "due_again" }]);
  await cancelRun(store, { id: lost.runId, ...WHY });
  expect(await getEffect(store, { id: lost.id })).toMatchObject({ status: "UNKNOWN" });
});

test("D24 an effect may outlive its run: COMPLETED with one unsettled, counted, still sent, and compensation ends what was not", async () => {
  const effect = await due({}, { status: "COMPLETED" });
  expect(await getRun(store, { id: effect.runId })).toMatchObject({ status: "COMPLETED", unsettled: 1 });
  expect(await systemStatus(store)).toMatchObject({ unsettledOutbox: 1 });
  const [claimed] = await claim();
  await markInFlight(store, claimed!);
  await say({ ...effect, claim: claimed!.claim }, { status: "confirmed", result: 1 });
  expect(await getRun(store, { id: effect.runId })).toMatchObject({ status: "COMPLETED", unsettled: 0 });

  const unsent = await due({}, { status: "COMPLETED" });
  await compensateRun(store, { id: unsent.runId, ...WHY });
  expect(await getEffect(store, { id: unsent.id })).toMatchObject({ status: "FAILED" });
});

test("E9 a business key belongs to the step that reserved it, until its effect failed or its run ended without intending it", async () => {
  const [one, two] = [await makeRun(store), await makeRun(store)];
  const reserve = (runId: string, effectKey: string, businessKey = "inv-9") => reserveBusinessKey(store, { connector: "bank", businessKey, runId, effectKey });
  const outcomes = await Promise.allSettled([reserve(one.id, "a"), reserve(one.id, "a"), reserve(one.id, "a")]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
  await expect(reserve(two.id, "b")).rejects.toMatchObject({ code: "business_key_taken", details: { runId: one.id }, message: expect.stringContaining(one.id) as string });
  await expect(reserve(one.id, "another")).rejects.toMatchObject({ code: "business_key_taken" });
  await reserveBusinessKey(store, { connector: "post", businessKey: "inv-9", runId: two.id, effectKey: "b" });
  // It never intended.
  await cancelRun(store, { id: one.id, ...WHY });
  await reserve(two.id, "b");
  await expect(reserve(one.id, "a")).rejects.toMatchObject({ details: { runId: two.id } });

  const kept = await due({ businessKey: "inv-10" }, { status: "COMPLETED" });
  await expect(reserve(two.id, "c", "inv-10")).rejects.toMatchObject({ details: { runId: kept.runId } });
  const [claimed] = await claim();
  await markInFlight(store, claimed!);
  await say({ ...kept, claim: claimed!.claim }, { status: "failed", error });
  await reserve(two.id, "c", "inv-10");
  await expect(reserve(two.id, "c", "a\0b")).rejects.toMatchObject({ code: "invalid_input" });
});

test("E9 of many that ask at once for a key, and for one that is given back, one gets it", async () => {
  const runs = await Promise.all(Array.from({ length: 8 }, () => makeRun(store)));
  const race = async () => {
    const outcomes = await Promise.allSettled(runs.map(({ id }) => reserveBusinessKey(store, { connector: "bank", businessKey: "inv-11", runId: id, effectKey: "k" })));
    return outcomes.flatMap((outcome, place) => (outcome.status === "fulfilled" ? [runs[place]!.id] : []));
  };
  const [winner, ...others] = await race();
  expect(others).toEqual([]);
  await cancelRun(store, { id: winner!, ...WHY });
  const next = await race();
  expect(next.filter((id) => id !== winner)).toHaveLength(1);
});

test.each([
  [{ semantics: once, dispatch: "INLINE" }, {}, /NON_IDEMPOTENT effect cannot be INLINE/],
  [{ semantics: "IDEMPOTENT", dispatch: "INLINE", businessKey: "k" }, {}, /name the connector/],
  [{ semantics: "IDEMPOTENT", dispatch: "OUTBOX" }, {}, /sent by a connector/],
])("E1 the store refuses an intent of %j", async (asked, beside, message) => {
  const run = await drivenRun(store);
  const committer = new Committer((commits) => commitRuns(store, commits), () => {});
  await expect(committer.submit(run.commit([run.effect("pay").says("intended", asked, beside)]))).rejects.toMatchObject({ code: "invalid_input", message: expect.stringMatching(message) as string });
  expect(await verbs(run.id)).toEqual(["run.started"]);
});

test("what keeps failing to be sent is tried on, says why and when next, and is shown to people until it is settled", async () => {
  const effect = await due();
  const fails = async () => {
    await makeDue(effect.id);
    const claimed = (await claim()).find(({ effectId }) => effectId === effect.id)!;
    await markInFlight(store, claimed);
    expect((await getEffect(store, { id: effect.id })).nextAttemptAt).toBeNull();
    return await say({ ...effect, claim: claimed.claim }, { status: "retry", error });
  };
  const listed = async () => (await listEffects(store, { status: "PENDING" })).items.map(({ id }) => id);
  const why = async () => (await getRun(store, { id: effect.runId })).whyWaiting;
  await registerWorker(store, { id: "wrk_sends", host: "h", pid: 1, lockKey: null, agents: [], tools: [{ app: "test", tool: "bank", can: "dispatch" }] });
  expect(await why()).toMatchObject([{ code: "effect_unsettled", sentence: "Waits until it is sent and answered: pay" }]);
  const { unsentEffects } = await systemStatus(store);
  for (let attempt = 1; attempt < 8; attempt++) expect(await fails()).toMatchObject({ status: "PENDING", attempts: attempt + 1, needsPerson: false, error: { message: "the bank is closed" }, nextAttemptAt: expect.any(String) });
  expect(await listed()).not.toContain(effect.id);
  expect(await why()).toMatchObject([{ code: "effect_unsettled", until: expect.any(String), sentence: expect.stringMatching(/^Attempt 7 to send it failed \(the bank is closed\), next at .+: pay$/) }]);
  expect(await fails()).toMatchObject({ status: "PENDING", attempts: 9, needsPerson: true });
  expect(await listed()).toContain(effect.id);
  expect(await systemStatus(store)).toMatchObject({ unsentEffects: unsentEffects + 1 });
  expect(await why()).toMatchObject([{ code: "effect_needs_person", ref: effect.id, sentence: expect.stringContaining("could not be sent 8 times (the bank is closed)") }]);
  expect(await fails()).toMatchObject({ attempts: 10, needsPerson: true });
  expect(await resolveEffect(store, { id: effect.id, outcome: "failed", ...WHY })).toMatchObject({ status: "FAILED", needsPerson: false, nextAttemptAt: null });
  expect(await listed()).not.toContain(effect.id);
  expect(await systemStatus(store)).toMatchObject({ unsentEffects });
  expect(await status(effect.runId)).toBe("RUNNABLE");
});

test("D20 a run whose counterparty answered in characters that no column holds can be looked at", async () => {
  const effect = await due();
  await registerWorker(store, { id: "wrk_odd", host: "h", pid: 1, lockKey: null, agents: [], tools: [{ app: "test", tool: "bank", can: "dispatch" }] });
  const [claimed] = await claim();
  await say({ ...effect, claim: claimed!.claim }, { status: "retry", error: { name: "Odd", message: "no\0 \ud800" } });
  expect((await getRun(store, { id: effect.runId })).whyWaiting).toMatchObject([{ sentence: expect.stringContaining("failed (no") }]);
});

test("a run whose effect nobody alive can send says so, and which connector is missing", async () => {
  const effect = await due({}, { app: "lonely" });
  const why = async () => (await getRun(store, { id: effect.runId })).whyWaiting;
  const sender = (id: string, connector: string) => registerWorker(store, { id, host: "h", pid: 1, lockKey: null, agents: [], tools: [{ app: "lonely", tool: connector, can: "dispatch" }] });
  await sender("wrk_post", "post");
  expect(await why()).toMatchObject([{ code: "no_connector", ref: effect.id, sentence: expect.stringContaining("No live worker has the connector bank") }]);
  await sender("wrk_bank", "bank");
  expect(await why()).toMatchObject([{ code: "effect_unsettled" }]);
  await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - interval '1 min' WHERE id = 'wrk_bank'");
  expect(await why()).toMatchObject([{ code: "no_connector" }]);
});
