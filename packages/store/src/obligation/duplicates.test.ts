import type { RunStatus } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimEffectsToCheck } from "../effect/claim-to-check.ts";
import { getEffect } from "../effect/get.ts";
import { recordObservation } from "../effect/observe.ts";
import { readJournal } from "../journal/read.ts";
import { getRun } from "../run/get.ts";
import { actors, makeEffect, makeRun, openTestStore, type EffectShape, type RunShape, type TestStore } from "../testing/index.ts";
import { claimWalks } from "../walk/claim.ts";
import { nextReversal } from "../walk/next-reversal.ts";
import { registerWorker } from "../worker/register.ts";
import { claimDuplicates } from "./claim-duplicates.ts";
import { getObligation } from "./get.ts";
import { listObligations } from "./list.ts";
import { recordDuplicate } from "./record-duplicate.ts";
import { releaseDuplicate } from "./release-duplicate.ts";
import { resolveObligation } from "./resolve.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore({ max: 10 });
});
afterAll(() => store.close());

const loaded = [{ app: "test", compensator: "pay/undo" }];
const error = { name: "Error", message: "the bank is closed" };
const claimOf = async (runId: string, owner = "wrk_1") => (await claimDuplicates(store, { owner, compensators: loaded, limit: 100 })).filter((copy) => copy.runId === runId);
const owed = async (runId: string) => (await listObligations(store, { runId })).items;
const armed = async (runId: string) => (await store.pool.query<{ armed: number }>("SELECT armed FROM tape.runs WHERE id = $1", [runId])).rows[0]!.armed;
const hasten = (id: string) => store.pool.query("UPDATE tape.obligations SET next_attempt_at = tape.now() WHERE id = $1", [id]);

/** An effect that its counterparty has several times. */
async function duplicated(run: RunShape, refs: string[], shape: EffectShape = {}) {
  const { id: runId } = await makeRun(store, run);
  const effect = await makeEffect(store, runId, { tool: "pay", dispatch: "OUTBOX", semantics: "NON_IDEMPOTENT", compensator: "pay/undo", ...shape });
  await see(effect.id, refs);
  return effect;
}

async function see(effectId: string, refs: string[]): Promise<void> {
  const claimed = await claimEffectsToCheck(store, { owner: "wrk_1", tools: [{ app: "test", tool: "pay" }], agents: [], limit: 100 });
  const claim = claimed.find((one) => one.effectId === effectId)?.claim ?? "gone";
  await recordObservation(store, { effectId, claim, observation: { status: "duplicate", refs, result: { id: "w" } } });
}

test.each(["COMPLETED", "WAITING", "CANCELLED", "FAILED"] satisfies RunStatus[])("E8 seen three times: CONFIRMED, one armed obligation per extra copy, each undone although its run is %s and stays so", async (status) => {
  const effect = await duplicated({ status }, ["b1", "b2", "b3"]);
  expect(await getEffect(store, { id: effect.id })).toMatchObject({ status: "CONFIRMED", externalRef: "b1", response: { id: "w" } });
  expect((await owed(effect.runId)).map(({ status: is, payload }) => [is, (payload as { copy?: { ref: string } }).copy?.ref])).toEqual([["REGISTERED", undefined], ["PENDING", "b2"], ["PENDING", "b3"]]);
  expect(await armed(effect.runId)).toBe(2);

  const copies = await claimOf(effect.runId);
  expect(await claimOf(effect.runId)).toEqual([]);
  expect(copies.map(({ kind, key, attempt, payload }) => [kind, key, attempt, payload])).toEqual(
    [["b2", 2], ["b3", 3]].map(([ref, nth]) => ["pay/undo", `${effect.key}/undo/${nth}`, 1, { input: { to: "acme" }, result: { id: "w" }, copy: { ref } }]),
  );
  for (const { id, claim, attempt } of copies) {
    for (let times = 0; times < 2; times++) {
      expect(await recordDuplicate(store, { obligationId: id, claim, attempt, owner: "wrk_1", outcome: { status: "compensated", result: "gone" } })).toMatchObject({ status: "COMPENSATED" });
    }
  }
  expect((await owed(effect.runId)).map(({ status: is }) => is)).toEqual(["REGISTERED", "COMPENSATED", "COMPENSATED"]);
  expect(await armed(effect.runId)).toBe(0);
  expect((await getRun(store, { id: effect.runId })).status).toBe(status === "WAITING" ? "WAITING" : status);
  expect((await readJournal(store, { runId: effect.runId })).items.filter(({ verb }) => verb === "compensated")).toHaveLength(2);
});

test("E8 the copy that is known already stands; heard again, only what is new is armed", async () => {
  const { id: runId } = await makeRun(store, { status: "COMPLETED" });
  const effect = await makeEffect(store, runId, { tool: "pay", dispatch: "OUTBOX", compensator: "pay/undo" });
  await store.pool.query("UPDATE tape.effects SET external_ref = 'b2' WHERE id = $1", [effect.id]);
  await see(effect.id, ["b1", "b2"]);
  await see(effect.id, ["b2", "b1"]);
  await see(effect.id, ["b1", "b2", "b3"]);
  expect((await owed(runId)).map(({ payload }) => (payload as { copy?: { ref: string } }).copy?.ref)).toEqual([undefined, "b1", "b3"]);
  await claimOf(runId);
});

test("D18 one that keeps failing is STUCK by itself after five attempts, its run as it was; a person's retry has five more", async () => {
  const { runId } = await duplicated({ status: "COMPLETED" }, ["b1", "b2"]);
  const [, { id }] = (await owed(runId)) as [unknown, { id: string }];
  for (let attempt = 1; attempt <= 5; attempt++) {
    const [copy] = await claimOf(runId);
    expect(copy).toMatchObject({ id, attempt });
    const report = { obligationId: id, claim: copy!.claim, attempt, owner: "wrk_1", outcome: { status: "failed" as const, error } };
    await expect(recordDuplicate(store, { ...report, claim: "wrk_2/rec" })).rejects.toMatchObject({ code: "lease_lost" });
    for (let times = 0; times < 2; times++) {
      expect(await recordDuplicate(store, report)).toMatchObject({ status: attempt === 5 ? "STUCK" : "PENDING", attempts: attempt, lastError: "the bank is closed" });
    }
    expect(await claimOf(runId)).toEqual([]);
    if (attempt < 5) await hasten(id);
  }
  expect(await getRun(store, { id: runId })).toMatchObject({ status: "COMPLETED" });
  expect(await armed(runId)).toBe(0);
  await resolveObligation(store, { id, outcome: "retry", reason: "it is open", actor: actors.operator });
  const [sixth] = await claimOf(runId);
  expect(sixth).toMatchObject({ attempt: 6 });
  await recordDuplicate(store, { obligationId: id, claim: sixth!.claim, attempt: 6, owner: "wrk_1", outcome: { status: "failed", error, isFinal: true } });
  expect(await getObligation(store, { id })).toMatchObject({ status: "STUCK", attempts: 6 });
});

test("D18 an undoer that is dead is found by its presence, a silent one when its claim runs out; each counts as an attempt, and after five it is STUCK", async () => {
  const { runId } = await duplicated({ status: "COMPLETED" }, ["b1", "b2"]);
  const [, { id }] = (await owed(runId)) as [unknown, { id: string }];
  await registerWorker(store, { id: "wrk_dies", host: "h", pid: 1, lockKey: null, agents: [], tools: [] });
  for (let attempt = 1; attempt <= 5; attempt++) {
    const [copy] = await claimOf(runId, "wrk_dies");
    expect(copy).toMatchObject({ id, attempt });
    expect(await claimOf(runId)).toEqual([]);
    expect(await getObligation(store, { id })).toMatchObject({ attempts: attempt - 1 });
    if (attempt % 2 === 0) await store.pool.query("UPDATE tape.obligations SET claim_expires_at = tape.now() WHERE id = $1", [id]);
    else await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - interval '11 s' WHERE id = 'wrk_dies'");
    expect(await claimOf(runId)).toEqual([]);
    expect(await getObligation(store, { id })).toMatchObject({ status: attempt === 5 ? "STUCK" : "PENDING", attempts: attempt, lastError: "its worker was lost while it undid this" });
    await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() WHERE id = 'wrk_dies'");
    if (attempt < 5) await hasten(id);
  }
  expect((await readJournal(store, { runId })).items.filter(({ kind, verb }) => kind === "obligation" && verb === "attempt_failed")).toHaveLength(4);
});

test("D18 a copy that its worker gives back is taken at once by the next, and no attempt is counted", async () => {
  const { runId } = await duplicated({ status: "COMPLETED" }, ["b1", "b2"]);
  const [copy] = await claimOf(runId);
  await releaseDuplicate(store, { obligationId: copy!.id, claim: "wrk_2/rec" });
  expect(await claimOf(runId)).toEqual([]);
  await releaseDuplicate(store, { obligationId: copy!.id, claim: copy!.claim });
  const [again] = await claimOf(runId, "wrk_2");
  expect(again).toMatchObject({ id: copy!.id, attempt: 1 });
  await releaseDuplicate(store, { obligationId: copy!.id, claim: copy!.claim });
  expect(await claimOf(runId)).toEqual([]);
});

test("D18 a copy can be waived while it is due or backs off, whoever drives its run, and never while it is being undone", async () => {
  const { runId } = await duplicated({ status: "RUNNING" }, ["b1", "b2", "b3"]);
  const waive = (id: string) => resolveObligation(store, { id, outcome: "waived", reason: "it stays", actor: actors.operator });
  const [, due, next] = (await owed(runId)).map(({ id }) => id);
  expect(await waive(due!)).toMatchObject({ status: "WAIVED" });
  const [copy] = await claimOf(runId);
  await expect(waive(next!)).rejects.toMatchObject({ code: "illegal_transition", message: expect.stringContaining("being undone") as string });
  await recordDuplicate(store, { obligationId: next!, claim: copy!.claim, attempt: 1, owner: "wrk_1", outcome: { status: "failed", error } });
  expect(await waive(next!)).toMatchObject({ status: "WAIVED" });
  expect(await armed(runId)).toBe(0);
});

test("D18 a copy whose tool has no compensator is STUCK at once: a person takes it back, and says so", async () => {
  const { runId } = await duplicated({ status: "COMPLETED" }, ["b1", "b2"], { compensator: undefined as never });
  const [copy] = await owed(runId);
  expect(copy).toMatchObject({ status: "STUCK", kind: "pay/undo", lastError: expect.stringContaining("b2") as string });
  expect(await armed(runId)).toBe(0);
  await resolveObligation(store, { id: copy!.id, outcome: "done", reason: "called the bank", actor: actors.operator });
  expect((await getRun(store, { id: runId })).status).toBe("COMPLETED");
});

test("D18 a compensated run leaves its copies to whoever undoes them, and is COMPENSATED only after the last", async () => {
  const { runId } = await duplicated({ status: "COMPENSATING", endedAs: "COMPLETED" }, ["b1", "b2"]);
  const walk = async () => (await claimWalks(store, { owner: "wrk_w", compensators: loaded, limit: 50, ttlMs: 60_000, sessionLocks: false, driven: [] })).find((claim) => claim.runId === runId);
  const claim = await walk();
  const lease = { runId, owner: "wrk_w", epoch: claim!.epoch, compensators: ["pay/undo"] };
  const first = await nextReversal(store, lease);
  expect(first).toMatchObject({ to: "undo", obligation: { key: expect.stringMatching(/\/undo\/1$/) as string } });
  await store.pool.query("UPDATE tape.obligations SET status = 'COMPENSATED', claim = NULL, settled_at = now() WHERE run_id = $1 AND reason = 'confirmed'", [runId]);
  expect(await nextReversal(store, lease)).toEqual({ to: "left", why: "unsettled" });
  expect(await walk()).toBeUndefined();
  const [copy] = await claimOf(runId);
  await recordDuplicate(store, { obligationId: copy!.id, claim: copy!.claim, attempt: 1, owner: "wrk_1", outcome: { status: "compensated" } });
  const last = await walk();
  expect(await nextReversal(store, { ...lease, epoch: last!.epoch })).toEqual({ to: "done" });
});
