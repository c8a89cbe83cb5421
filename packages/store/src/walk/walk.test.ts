import { newId } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordLateOutcome } from "../driver/late.ts";
import { claimRuns, type Claim } from "../driver/claim.ts";
import { settleRun } from "../driver/leave.ts";
import { noticeCancel } from "../driver/notice-cancel.ts";
import { resolveEffect } from "../effect/resolve.ts";
import { readJournal } from "../journal/read.ts";
import { listObligations } from "../obligation/list.ts";
import { resolveObligation } from "../obligation/resolve.ts";
import { cancelRun } from "../run/cancel.ts";
import { compensateRun } from "../run/compensate.ts";
import { getRun } from "../run/get.ts";
import { actors, makeEffect, makeObligation, makeRun, openTestStore, type MadeObligation, type ObligationShape, type TestStore } from "../testing/index.ts";
import { registerWorker } from "../worker/register.ts";
import { claimWalks } from "./claim.ts";
import { nextReversal, type Reversal } from "./next-reversal.ts";
import { recordReversal, type ReversalOutcome } from "./record-reversal.ts";
import { releaseWalk } from "./release.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const { operator } = actors;
/** Every test has an app of its own, so that none claims another's walks. */
let apps = 0;
const ANY = ["unwire", "unbook"];
const bodiesOf = { ok: { status: "compensated", result: { recall: 1 }, durationMs: 12 } satisfies ReversalOutcome, broken: { status: "failed", error: { name: "Closed", message: "the bank is closed" } } satisfies ReversalOutcome };

interface World {
  app: string;
  id: string;
  owed: MadeObligation[];
  claim(owner?: string, compensators?: string[], fields?: { driven?: string[]; ttlMs?: number }): Promise<Claim[]>;
}

/** A run that was cancelled with `shapes` to undo, the oldest first, and whose compensation was asked for. */
async function compensating(...shapes: ObligationShape[]): Promise<World> {
  const app = `walk-${++apps}`;
  const { id } = await makeRun(store, { app });
  const owed: MadeObligation[] = [];
  for (const shape of shapes) owed.push(await makeObligation(store, id, shape));
  await cancelRun(store, { id, reason: "wrong file", actor: operator });
  await compensateRun(store, { id, reason: "undo it", actor: operator });
  const claim: World["claim"] = (owner = "wrk_a", compensators = ANY, fields = {}) =>
    claimWalks(store, { owner, compensators: compensators.map((compensator) => ({ app, compensator })), limit: 10, ttlMs: 60_000, sessionLocks: true, driven: [], ...fields });
  return { app, id, owed, claim };
}

const row = async (id: string) => (await store.pool.query<Record<string, unknown>>("SELECT * FROM tape.runs WHERE id = $1", [id])).rows[0]!;
const verbs = async (runId: string, from = 0) => (await readJournal(store, { runId, fromSeq: from })).items.map(({ kind, verb }) => `${kind}.${verb}`);
const statuses = async ({ id, owed }: World) => {
  const { items } = await listObligations(store, { runId: id });
  return owed.map((one) => items.find((item) => item.id === one.id)!.status);
};
const next = ({ runId, owner, epoch }: Claim, compensators = ANY) => nextReversal(store, { runId, owner, epoch, compensators });
const record = ({ runId, owner, epoch }: Claim, { id, attempt }: Reversal, outcome: ReversalOutcome) => recordReversal(store, { runId, owner, epoch, obligationId: id, attempt, outcome });
async function undo(claim: Claim): Promise<Reversal> {
  const step = await next(claim);
  if (step.to !== "undo") throw new Error(`to ${step.to}`);
  return step.obligation;
}
const due = (runId: string) => store.pool.query("UPDATE tape.obligations SET next_attempt_at = tape.now() WHERE run_id = $1 AND next_attempt_at IS NOT NULL", [runId]);
async function fail(claim: Claim, times: number): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (let time = 0; time < times; time++) {
    await due(claim.runId);
    answers.push(await record(claim, await undo(claim), bodiesOf.broken));
  }
  return answers;
}

test("O2 the walk: newest first, one at a time, each armed when it is reached, then COMPENSATED", async () => {
  const world = await compensating({ request: { n: 1 }, result: "r1" }, { request: { n: 2 }, result: "r2" }, { request: { n: 3 }, result: "r3" });
  const began = (await row(world.id)).seq as number;
  const [claim] = (await world.claim()) as [Claim];
  expect(claim).toMatchObject({ runId: world.id, owner: "wrk_a", taken: "walk", epoch: 1, ttlMs: 60_000 });
  expect(await row(world.id)).toMatchObject({ status: "COMPENSATING", owner: "wrk_a", epoch: 1, recorded: 0, armed: 0 });
  for (const [place, n] of [3, 2, 1].entries()) {
    const asked = await undo(claim);
    const { effect, id } = world.owed[n - 1]!;
    expect(asked).toEqual({ id, effectId: effect.id, kind: "unwire", connector: null, payload: { input: { n }, result: `r${n}` }, attempt: 1, key: `${effect.key}/undo/1` });
    // Asked again, because the answer was lost: the same, and armed once.
    expect(await undo(claim)).toEqual(asked);
    expect(await row(world.id)).toMatchObject({ armed: 1 });
    expect(await statuses(world)).toEqual([0, 1, 2].map((one) => (one === n - 1 ? "PENDING" : one > n - 1 ? "COMPENSATED" : "REGISTERED")));
    expect(await record(claim, asked, bodiesOf.ok)).toEqual({ to: "on" });
    expect(await record(claim, asked, bodiesOf.ok)).toEqual({ to: "on" });
    expect(await row(world.id)).toMatchObject({ armed: 0, seq: began + 1 + 2 * (place + 1) });
  }
  expect(await next(claim)).toEqual({ to: "done" });
  expect(await next(claim)).toEqual({ to: "done" });
  const run = await getRun(store, { id: world.id });
  expect(run).toMatchObject({ status: "COMPENSATED", endedAs: "CANCELLED", lease: null, whyWaiting: [], cancelReason: "wrong file" });
  expect(await verbs(world.id, began)).toEqual(["run.walk_claimed", ...Array.from({ length: 3 }, () => ["obligation.armed", "obligation.compensated"]).flat(), "run.compensated"]);
  const { items } = await readJournal(store, { runId: world.id, fromSeq: began });
  expect(items[0]).toMatchObject({ payload: { owner: "wrk_a", epoch: 1, previousOwner: null } });
  expect(items[2]).toMatchObject({ payload: { by: "worker:wrk_a", result: { recall: 1 }, durationMs: 12 } });
});

test("O2 with nothing to undo, any worker says that it is COMPENSATED", async () => {
  const world = await compensating();
  const [claim] = (await world.claim("wrk_a", [])) as [Claim];
  expect(await next(claim, [])).toEqual({ to: "done" });
});

test("O3 what is registered while the walk is under way is newest, and undone first", async () => {
  const world = await compensating({}, {});
  const lost = await makeEffect(store, world.id, { compensator: "unwire" });
  expect(await world.claim()).toEqual([]);
  await recordLateOutcome(store, { runId: world.id, effectId: lost.id, key: lost.key, outcome: { status: "confirmed", result: 1 } });
  const [claim] = (await world.claim()) as [Claim];
  const asked = await undo(claim);
  expect(asked).toMatchObject({ effectId: lost.id });
  await record(claim, asked, bodiesOf.ok);
  expect(await undo(claim)).toMatchObject({ id: world.owed[1]!.id });
});

test.each(["PENDING", "UNKNOWN"] as const)("O4 an effect that is %s holds the walk until it is settled, also one that appears on the way", async (status) => {
  const world = await compensating({});
  const [claim] = (await world.claim()) as [Claim];
  const open = await makeEffect(store, world.id, { status });
  const before = (await row(world.id)).seq as number;
  expect(await next(claim)).toEqual({ to: "left", why: "unsettled" });
  expect(await row(world.id)).toMatchObject({ status: "COMPENSATING", owner: null, seq: before, armed: 0 });
  expect(await world.claim()).toEqual([]);
  expect((await getRun(store, { id: world.id })).whyWaiting[0]).toMatchObject({ code: "compensating", sentence: expect.stringContaining("once every outcome is known") });
  await resolveEffect(store, { id: open.id, outcome: "failed", reason: "asked the bank", actor: operator });
  expect(await world.claim()).toMatchObject([{ runId: world.id }]);
});

test("O5 a compensator that fails is tried again after 1, 2, 4 and 8 s; the fifth failure stops the walk, and what is older is untouched", async () => {
  const world = await compensating({}, {}, {});
  await registerWorker(store, { id: "wrk_a", host: "h", pid: 1, lockKey: null, agents: [], tools: [{ app: world.app, tool: "unwire", can: "compensate" }] });
  const [claim] = (await world.claim()) as [Claim];
  await record(claim, await undo(claim), bodiesOf.ok);
  const began = (await row(world.id)).seq as number;
  const asked = await undo(claim);
  expect(await record(claim, asked, bodiesOf.broken)).toEqual({ to: "wait", inMs: 1_000 });
  // Said twice, or asked for too early.
  expect(await record(claim, asked, bodiesOf.broken)).toMatchObject({ to: "wait" });
  expect(await next(claim)).toMatchObject({ to: "wait", inMs: expect.any(Number) });
  expect((await getRun(store, { id: world.id })).whyWaiting).toMatchObject([{ code: "compensating", sentence: expect.stringContaining("attempt 1 failed (the bank is closed), next at") }]);
  expect(await fail(claim, 4)).toEqual([...[2_000, 4_000, 8_000].map((inMs) => ({ to: "wait", inMs })), { to: "stuck" }]);
  expect(await record(claim, { ...asked, attempt: 5 }, bodiesOf.broken)).toEqual({ to: "stuck" });

  expect(await statuses(world)).toEqual(["REGISTERED", "STUCK", "COMPENSATED"]);
  expect(await row(world.id)).toMatchObject({ status: "STUCK", ended_as: "CANCELLED", owner: null, armed: 0 });
  const run = await getRun(store, { id: world.id });
  expect(run.whyWaiting).toMatchObject([{ code: "compensation_stuck", ref: world.owed[1]!.id, sentence: expect.stringContaining("the bank is closed") }]);
  expect((await store.pool.query<{ stuck: string }>("SELECT stuck FROM tape.runs WHERE id = $1", [world.id])).rows[0]!.stuck).toBe(JSON.stringify({ code: "compensation", message: "the bank is closed", obligationId: world.owed[1]!.id }));
  const told = (await readJournal(store, { runId: world.id, fromSeq: began })).items;
  expect(told.map(({ kind, verb }) => `${kind}.${verb}`)).toEqual(["obligation.armed", ...Array.from({ length: 4 }, () => "obligation.attempt_failed"), "obligation.stuck", "run.stuck"]);
  expect(told[4]).toMatchObject({ payload: { attempt: 4, error: { name: "Closed" }, nextAttemptAt: expect.any(String) } });
  expect(await world.claim()).toEqual([]);
});

test.each(["retry", "done", "waived"] as const)("O5 %s: the walk goes on by itself, and a retry has five attempts more", async (outcome) => {
  const world = await compensating({}, {});
  const [claim] = (await world.claim()) as [Claim];
  await fail(claim, 5);
  await resolveObligation(store, { id: world.owed[1]!.id, outcome, reason: "spoke to the bank", actor: operator });
  expect(await row(world.id)).toMatchObject({ status: "COMPENSATING", stuck: null, ended_as: "CANCELLED", armed: outcome === "retry" ? 1 : 0 });
  const [again] = (await world.claim("wrk_b")) as [Claim];
  expect(again).toMatchObject({ epoch: 2 });
  if (outcome === "retry") {
    const asked = await undo(again);
    expect(asked).toMatchObject({ id: world.owed[1]!.id, attempt: 6, key: `${world.owed[1]!.effect.key}/undo/1` });
    expect(await fail(again, 5)).toEqual([...[1_000, 2_000, 4_000, 8_000].map((inMs) => ({ to: "wait", inMs })), { to: "stuck" }]);
    await resolveObligation(store, { id: world.owed[1]!.id, outcome: "waived", reason: "it stays", actor: operator });
    const [last] = (await world.claim()) as [Claim];
    expect(await undo(last)).toMatchObject({ id: world.owed[0]!.id });
    return;
  }
  expect(await undo(again)).toMatchObject({ id: world.owed[0]!.id });
});

test("O6 a walker that died is replaced under the next epoch, what was lost counts as an attempt, and the next is made under the same key; its own report is refused", async () => {
  const world = await compensating({}, {});
  await registerWorker(store, { id: "wrk_dying", host: "h", pid: 1, lockKey: null, agents: [], tools: [] });
  const [dying] = (await world.claim("wrk_dying")) as [Claim];
  const asked = await undo(dying);
  expect(await world.claim("wrk_b")).toEqual([]);
  await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - interval '11 s' WHERE id = 'wrk_dying'");
  const [claim] = (await world.claim("wrk_b")) as [Claim];
  expect(claim).toMatchObject({ epoch: 2, losses: 0 });
  expect((await readJournal(store, { runId: world.id })).items.at(-1)).toMatchObject({ verb: "walk_claimed", payload: { owner: "wrk_b", epoch: 2, previousOwner: "wrk_dying" } });
  const again = await undo(claim);
  expect(again).toEqual({ ...asked, attempt: 2 });
  const before = await row(world.id);
  for (const outcome of [bodiesOf.ok, bodiesOf.broken]) expect(await record(dying, asked, outcome)).toMatchObject({ to: "lost", message: expect.stringContaining("wrk_b") });
  expect(await next(dying)).toMatchObject({ to: "lost" });
  await releaseWalk(store, dying);
  expect(await row(world.id)).toEqual(before);
  expect(await record(claim, again, bodiesOf.ok)).toEqual({ to: "on" });
});

test("O6 a walk that is lost before it began to undo, or between two attempts, counts as none", async () => {
  const world = await compensating({}, {});
  const lose = () => store.pool.query("UPDATE tape.runs SET lease_expires_at = tape.now() WHERE id = $1", [world.id]);
  for (let time = 1; time <= 3; time++) {
    await world.claim(`wrk_${time}`);
    await lose();
  }
  const [fourth] = (await world.claim("wrk_4")) as [Claim];
  const first = await undo(fourth);
  expect(first).toMatchObject({ attempt: 1 });
  await record(fourth, first, bodiesOf.broken);
  await lose();
  const [fifth] = (await world.claim("wrk_5")) as [Claim];
  expect(await next(fifth)).toMatchObject({ to: "wait" });
  await store.pool.query("UPDATE tape.obligations SET next_attempt_at = tape.now() WHERE run_id = $1 AND status = 'PENDING'", [world.id]);
  expect(await undo(fifth)).toMatchObject({ attempt: 2 });
});

test("O5 a compensator that takes its walker with it five times is STUCK with its run; a person's retry begins anew", async () => {
  const world = await compensating({}, {});
  for (let time = 1; time <= 5; time++) {
    const [claim] = (await world.claim(`wrk_${time}`)) as [Claim];
    expect((await undo(claim)).attempt).toBe(time);
    await store.pool.query("UPDATE tape.runs SET lease_expires_at = tape.now() WHERE id = $1", [world.id]);
  }
  const [sixth] = (await world.claim("wrk_6")) as [Claim];
  expect(await next(sixth)).toMatchObject({ to: "lost", message: expect.stringContaining("STUCK") });
  expect(await statuses(world)).toEqual(["REGISTERED", "STUCK"]);
  expect(await row(world.id)).toMatchObject({ status: "STUCK", owner: null });
  await resolveObligation(store, { id: world.owed[1]!.id, outcome: "retry", reason: "the worker has more memory", actor: operator });
  const [seventh] = (await world.claim("wrk_7")) as [Claim];
  expect(await record(seventh, await undo(seventh), bodiesOf.ok)).toEqual({ to: "on" });
});

test("O6 a lease that ran out, and a claim whose answer this worker never got, are taken too", async () => {
  const world = await compensating({});
  const [first] = (await world.claim("wrk_a", ANY, { ttlMs: 54_000 })) as [Claim];
  expect(await world.claim("wrk_a", ANY, { driven: [world.id] })).toEqual([]);
  expect(await world.claim("wrk_a")).toMatchObject([{ epoch: first.epoch + 1 }]);
  await store.pool.query("UPDATE tape.runs SET lease_expires_at = tape.now() WHERE id = $1", [world.id]);
  expect(await world.claim("wrk_b")).toMatchObject([{ epoch: first.epoch + 2 }]);
});

test("O7 a compensator that is not loaded here is left to a worker that has it, and the run says so", async () => {
  const world = await compensating({ compensator: "unbook" }, { compensator: "unwire" });
  expect(await world.claim("wrk_a", ["unbook"])).toEqual([]);
  expect(await claimWalks(store, { owner: "wrk_a", compensators: [{ app: "another", compensator: "unwire" }], limit: 10, ttlMs: 60_000, sessionLocks: true, driven: [] })).toEqual([]);
  expect((await getRun(store, { id: world.id })).whyWaiting).toMatchObject([{ code: "no_compensator", ref: world.owed[1]!.id, sentence: expect.stringContaining("unwire") }]);
  const [claim] = (await world.claim("wrk_a", ["unwire"])) as [Claim];
  await record(claim, await undo(claim), bodiesOf.ok);
  expect(await next(claim, ["unwire"])).toEqual({ to: "left", why: "compensator_missing" });
  expect(await statuses(world)).toEqual(["REGISTERED", "COMPENSATED"]);
  expect((await readJournal(store, { runId: world.id })).items.at(-1)).toMatchObject({ verb: "walk_released", payload: { reason: "compensator_missing" } });
  expect((await getRun(store, { id: world.id })).whyWaiting).toMatchObject([{ code: "no_compensator", sentence: expect.stringContaining("unbook") }]);
  await registerWorker(store, { id: "wrk_b", host: "h", pid: 1, lockKey: null, agents: [], tools: [{ app: world.app, tool: "unbook", can: "compensate" }] });
  expect((await getRun(store, { id: world.id })).whyWaiting).toMatchObject([{ code: "compensating" }]);
  const [other] = (await world.claim("wrk_b", ["unbook"])) as [Claim];
  await record(other, await undo(other), bodiesOf.ok);
  expect(await next(other, [])).toEqual({ to: "done" });
});

test("D21 each obligation of one effect has a key of its own, the same on every attempt, whatever was undone before", async () => {
  const world = await compensating({});
  const [{ effect }] = world.owed as [MadeObligation];
  // The effect was done twice: what the second copy owes came later.
  const copy = newId("obl");
  await store.pool.query(
    `INSERT INTO tape.obligations (id, run_id, effect_id, effect_key, position, kind, reason, status, payload, created_at)
     SELECT $2, run_id, effect_id, effect_key, position + 5, kind, 'conflict', 'REGISTERED', payload, created_at - interval '1 day' FROM tape.obligations WHERE id = $1`,
    [world.owed[0]!.id, copy],
  );
  const [claim] = (await world.claim()) as [Claim];
  const keys: string[] = [];
  for (const id of [copy, world.owed[0]!.id]) {
    const first = await undo(claim);
    await record(claim, first, bodiesOf.broken);
    await due(world.id);
    const second = await undo(claim);
    expect([first.id, second.id, second.attempt]).toEqual([id, id, 2]);
    expect(second.key).toBe(first.key);
    keys.push(first.key);
    await record(claim, second, bodiesOf.ok);
  }
  expect(keys).toEqual([`${effect.key}/undo/2`, `${effect.key}/undo/1`]);
});

test("D21 a copy that is heard of after the first was undone has a key of its own: the counterparty would take the first key for done", async () => {
  const world = await compensating({});
  const [{ effect }] = world.owed as [MadeObligation];
  const [claim] = (await world.claim()) as [Claim];
  const first = await undo(claim);
  await record(claim, first, bodiesOf.ok);
  await recordLateOutcome(store, { runId: world.id, effectId: effect.id, key: effect.key, outcome: { status: "confirmed", result: "another copy" } });
  const second = await undo(claim);
  expect([first.key, second.key]).toEqual([`${effect.key}/undo/1`, `${effect.key}/undo/2`]);
  expect(second.payload.result).toBe("another copy");
});

test("a walker's lease is no driver's: it can neither notice the cancellation nor leave the run as one", async () => {
  const world = await compensating({});
  const [claim] = (await world.claim()) as [Claim];
  const before = await row(world.id);
  expect(await noticeCancel(store, claim)).toBe(false);
  expect(await settleRun(store, claim)).toBe(false);
  expect(await row(world.id)).toEqual(before);
});

test("ten workers claim one walk at once: one has it", async () => {
  const world = await compensating({});
  const claims = await Promise.all(Array.from({ length: 10 }, (_, n) => world.claim(`wrk_${n}`)));
  expect(claims.flat()).toHaveLength(1);
  expect((await verbs(world.id)).filter((verb) => verb === "run.walk_claimed")).toHaveLength(1);
});

test("a walker that stops in order gives its walk back, and another takes it at once; nobody drives its code", async () => {
  const world = await compensating({});
  const [claim] = (await world.claim()) as [Claim];
  await undo(claim);
  await releaseWalk(store, claim);
  expect(await row(world.id)).toMatchObject({ status: "COMPENSATING", owner: null, lease_expires_at: null });
  expect((await readJournal(store, { runId: world.id })).items.at(-1)).toMatchObject({ verb: "walk_released", payload: { reason: "stopping" } });
  expect(await claimRuns(store, { owner: "wrk_b", agents: [{ app: world.app, agent: "pay", version: null }], limit: 10, ttlMs: 60_000, suspects: true })).toEqual([]);
  expect(await world.claim("wrk_b")).toMatchObject([{ epoch: 2 }]);
});

test("D20 what a compensator brought is never refused for its words", async () => {
  const world = await compensating({}, {});
  const [claim] = (await world.claim()) as [Claim];
  const asked = await undo(claim);
  expect(await record(claim, asked, { status: "failed", error: { name: "E", message: "a\u0000b\ud800" } })).toMatchObject({ to: "wait" });
  expect((await listObligations(store, { runId: world.id })).items[1]).toMatchObject({ lastError: "a\ufffdb\ufffd", attempts: 1 });
  await due(world.id);
  expect(await record(claim, await undo(claim), { status: "compensated", result: "\u0000" })).toEqual({ to: "on" });
});

test("a STUCK obligation that the walk meets stops it: COMPENSATED is never said over it", async () => {
  const world = await compensating({}, {});
  await store.pool.query("UPDATE tape.obligations SET status = 'STUCK', reason = 'duplicate', last_error = 'no' WHERE id = $1", [world.owed[0]!.id]);
  const [claim] = (await world.claim()) as [Claim];
  await record(claim, await undo(claim), bodiesOf.ok);
  expect(await next(claim)).toMatchObject({ to: "lost", message: expect.stringContaining("STUCK") });
  expect(await row(world.id)).toMatchObject({ status: "STUCK", ended_as: "CANCELLED", owner: null });
});
