import type { RunStatus } from "@tape/core";
import type { DispatchOutcome, Observation } from "@tape/store";
import { describe, expect, test } from "vitest";
import { cancelRun, claimDuplicates, claimEffectsToCheck, claimOutbox, getEffect, markInFlight, nextCheckAt, nextOutboxAt, ofRun, recordDispatch, recordDuplicate, recordObservation, recoverOutbox, registerWorker, resendEffect, reserveBusinessKey, resolveEffect, settleRun, type EffectRow, type Model } from "../src/model/index.ts";
import { bank, driven, operator, refused, sending, undo, type Asked, type Driven } from "./driven.ts";

const loaded = { tools: [{ app: "test", tool: "wire" }], agents: [] };
const check = (model: Model, owner = "wrk_1") => claimEffectsToCheck(model, { ...loaded, owner, limit: 10 });
const owed = ({ model, run }: Driven) => ofRun(model.obligations, run.id).map(({ reason, status }) => `${reason} ${status}`);

/** A run parked on an effect whose acknowledgement was lost. */
function lost(asked: Asked = {}): { world: Driven; effect: EffectRow } {
  const world = driven();
  const effect = world.intend(asked);
  if (effect.dispatch === "INLINE") world.lose(effect);
  else recordDispatch(world.model, { effectId: effect.id, claim: sending(world.model).claim, result: { status: "unknown", reason: "timeout", checkable: true } });
  world.end({ to: "WAITING", waits: [{ on: "effect", effectId: effect.id, tool: "wire" }], inbox: null, closing: [] });
  return { world, effect };
}

function observe({ model }: Driven, effect: EffectRow, observation: Observation) {
  const [claimed] = check(model);
  return recordObservation(model, { effectId: effect.id, claim: claimed!.claim, observation });
}

describe("what the counterparty says of an UNKNOWN effect", () => {
  const once = { semantics: "NON_IDEMPOTENT", dispatch: "OUTBOX" } as const;
  const TABLE: [string, Asked, Observation, string, RunStatus][] = [
    ["confirmed", {}, { status: "confirmed", result: 1 }, "CONFIRMED", "RUNNABLE"],
    ["failed", {}, { status: "failed", error: "account closed" }, "FAILED", "RUNNABLE"],
    ["absent, safe to send again", {}, { status: "absent" }, "PENDING", "RUNNABLE"],
    ["absent, of the outbox", { dispatch: "OUTBOX" }, { status: "absent" }, "PENDING", "WAITING"],
    ["absent, once only", once, { status: "absent" }, "UNKNOWN", "WAITING"],
    ["inconclusive", {}, { status: "inconclusive" }, "UNKNOWN", "WAITING"],
    ["twice there", once, { status: "duplicate", refs: ["a", "b"], result: 1 }, "CONFIRMED", "RUNNABLE"],
  ];
  test.each(TABLE)("%s", (_name, asked, observation, becomes, runBecomes) => {
    const { world, effect } = lost(asked);
    expect(observe(world, effect, observation)).toMatchObject({ status: becomes, needsPerson: asked === once && observation.status === "absent" });
    expect(world.run).toMatchObject({ status: runBecomes, openEffects: becomes === "CONFIRMED" || becomes === "FAILED" ? 0 : 1 });
  });

  test("absent in a run that has ended: nobody would send it, so it FAILED", () => {
    const { world, effect } = lost();
    cancelRun(world.model, { id: world.run.id, reason: "no", actor: operator });
    expect(observe(world, effect, { status: "absent" })).toMatchObject({ status: "FAILED", error: { name: "EffectAbsent" } });
  });

  test("inconclusive is asked again by back-off, and after ten times a person is shown it", () => {
    const { world, effect } = lost({ semantics: "NON_IDEMPOTENT", dispatch: "OUTBOX" });
    const waited: number[] = [];
    for (let times = 1; times <= 11; times++) {
      expect(observe(world, effect, { status: "inconclusive" })).toMatchObject({ checks: times, needsPerson: times >= 10 });
      waited.push(nextCheckAt(world.model, loaded)!.inMs / 1_000);
      world.model.now = effect.nextCheckAt!;
    }
    expect(waited).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect(world.verbs().filter((verb) => verb === "effect.observed")).toHaveLength(10);
  });

  test("a claim holds for a minute; then another has it, and of the first only a confirmation is believed", () => {
    const { world, effect } = lost();
    const { model } = world;
    const [stale] = check(model);
    expect(check(model, "wrk_2")).toEqual([]);
    model.now += 60_000;
    expect(check(model, "wrk_2")).toHaveLength(1);
    const report = (observation: Observation) => recordObservation(model, { effectId: effect.id, claim: stale!.claim, observation });
    expect(refused(model, () => report({ status: "absent" }))).toBe("lease_lost");
    expect(report({ status: "confirmed", result: 1 })).toMatchObject({ status: "CONFIRMED" });
    expect(owed(world)).toEqual(["confirmed REGISTERED"]);
  });

  test("a word that contradicts the outcome that stands is journaled, and what was done is owed, once", () => {
    const { world, effect } = lost();
    resolveEffect(world.model, { id: effect.id, outcome: "failed", reason: "the bank says no", actor: operator });
    for (let times = 0; times < 2; times++) recordObservation(world.model, { effectId: effect.id, claim: "gone", observation: { status: "confirmed", result: 1, externalRef: "bank-7" } });
    expect(effect.status).toBe("FAILED");
    expect(world.verbs().slice(-3)).toEqual(["effect.failed", "effect.conflict", "obligation.registered"]);
    expect(owed(world)).toEqual(["conflict REGISTERED"]);
  });

  test("each extra copy is undone in a run of any status; one that keeps failing is STUCK by itself", () => {
    const { world, effect } = lost({ semantics: "NON_IDEMPOTENT", dispatch: "OUTBOX" });
    const { model } = world;
    observe(world, effect, { status: "duplicate", refs: ["a", "b", "c"], result: 1 });
    recordObservation(model, { effectId: effect.id, claim: "gone", observation: { status: "duplicate", refs: ["c", "a", "b"], result: 1 } });
    expect(owed(world)).toEqual(["confirmed REGISTERED", "duplicate PENDING", "duplicate PENDING"]);
    const [copy, other] = claimDuplicates(model, { owner: "wrk_1", compensators: undo, limit: 10 });
    expect([copy, other].map((each) => [each!.payload.copy, each!.key])).toEqual([[{ ref: "b" }, `${effect.key}/undo/2`], [{ ref: "c" }, `${effect.key}/undo/3`]]);
    recordDuplicate(model, { obligationId: copy!.id, claim: copy!.claim, attempt: 1, owner: "wrk_1", outcome: { status: "compensated" } });
    recordDuplicate(model, { obligationId: other!.id, claim: other!.claim, attempt: 1, owner: "wrk_1", outcome: { status: "failed", error: { name: "E", message: "closed" }, isFinal: true } });
    expect(owed(world)).toEqual(["confirmed REGISTERED", "duplicate COMPENSATED", "duplicate STUCK"]);
    expect(world.run).toMatchObject({ status: "RUNNABLE", armed: 0 });
  });

  test("nobody to ask: sent again under its key five times, by back-off, then a person has the word", () => {
    const { world, effect } = lost({ dispatch: "OUTBOX" });
    const { model } = world;
    const resend = () => resendEffect(model, { effectId: effect.id, claim: check(model)[0]!.claim });
    for (let times = 0; times < 5; times++) {
      expect(resend()).toMatchObject({ status: "UNKNOWN", nextCheckAt: new Date(model.now + 1_000 * 2 ** times).toISOString() });
      model.now = effect.nextCheckAt!;
      expect(resend()).toMatchObject({ status: "PENDING" });
      recordDispatch(model, { effectId: effect.id, claim: sending(model).claim, result: { status: "unknown", reason: "timeout", checkable: true } });
    }
    expect(resend()).toMatchObject({ status: "UNKNOWN", needsPerson: true, nextCheckAt: null });
    expect(refused(model, () => resolveEffect(model, { id: effect.id, outcome: "retry", reason: "", actor: operator }))).toBe("invalid_input");
    expect(resolveEffect(model, { id: effect.id, outcome: "retry", reason: "it is open again", actor: operator })).toMatchObject({ status: "PENDING" });
  });
});

describe("the outbox", () => {
  const sent = (asked: Asked = {}) => {
    const world = driven();
    const effect = world.intend({ dispatch: "OUTBOX", ...asked });
    return { world, effect, model: world.model };
  };
  const claim = (model: Model, owner = "wrk_2") => claimOutbox(model, { owner, connectors: [{ ...bank[0]!, places: 5 }] });
  const lease = (model: Model) => recoverOutbox(model, { limit: 10, sessionLocks: false }).map(({ is }) => is);

  test("one at a time has it, marks it before it is sent, and what came of it wakes nobody twice", () => {
    const { world, effect, model } = sent();
    expect(nextOutboxAt(model, { connectors: bank })).toEqual({ inMs: 0 });
    const [claimed] = claim(model);
    expect(claim(model)).toEqual([]);
    expect(claimed).toMatchObject({ effectId: effect.id, attempt: 1, request: { to: "acme" } });
    for (let times = 0; times < 2; times++) expect(markInFlight(model, { effectId: effect.id, claim: claimed!.claim })).toEqual({ to: "send" });
    for (let times = 0; times < 2; times++) recordDispatch(model, { effectId: effect.id, claim: claimed!.claim, result: { status: "confirmed", result: 1, externalRef: "bank-7" } });
    expect(world.verbs().slice(-4)).toEqual(["effect.intended", "effect.in_flight", "effect.confirmed", "obligation.registered"]);
    expect(world.run).toMatchObject({ inbox: 1, foreignOutcomes: 1, openEffects: 0 });
    expect(JSON.parse(ofRun(model.obligations, world.run.id)[0]!.payload)).toEqual({ input: { to: "acme" }, result: 1, externalRef: "bank-7" });
  });

  test.each([[undefined, 1_000], [5_000, 5_000], [1e12, 86_400_000]])("one that was not sent is due again by back-off, or when the counterparty says so: %s", (afterMs, waits) => {
    const { effect, model } = sent();
    const result: DispatchOutcome = { status: "retry", error: { name: "Busy", message: "busy" }, ...(afterMs !== undefined && { afterMs }) };
    recordDispatch(model, { effectId: effect.id, claim: sending(model).claim, result });
    expect(nextOutboxAt(model, { connectors: bank })).toEqual({ inMs: waits });
    expect(effect).toMatchObject({ status: "PENDING", attempts: 2, claim: null, inFlightAt: null });
  });

  test("one whose run was cancelled before it was sent is not sent any more", () => {
    const { world, effect, model } = sent({ businessKey: "invoice-7" });
    const [claimed] = claim(model);
    cancelRun(model, { id: world.run.id, reason: "no", actor: operator });
    expect(markInFlight(model, { effectId: effect.id, claim: claimed!.claim })).toEqual({ to: "cancelled" });
    expect(getEffect(model, { id: effect.id })).toMatchObject({ status: "FAILED", error: { name: "RunCancelled" } });
    expect(refused(model, () => markInFlight(model, { effectId: effect.id, claim: claimed!.claim }))).toBe("lease_lost");
    settleRun(model, { runId: world.run.id, owner: "wrk_1", epoch: 1 });
    expect(world.run.openEffects).toBe(0);
  });

  test("a sender that was lost before its mark leaves it due; after it, what must not be sent twice is UNKNOWN", () => {
    for (const [semantics, becomes] of [["IDEMPOTENT", "due_again"], ["NON_IDEMPOTENT", "unknown"]] as const) {
      const { effect, model } = sent({ semantics });
      claim(model);
      model.now += 60_000;
      expect(lease(model)).toEqual(["due_again"]);
      const { claim: mark } = sending(model);
      expect(lease(model)).toEqual([]);
      model.now += 90_000;
      expect(lease(model)).toEqual([becomes]);
      expect(effect).toMatchObject({ claim: null, inFlightAt: null, status: becomes === "unknown" ? "UNKNOWN" : "PENDING" });
      expect(refused(model, () => recordDispatch(model, { effectId: effect.id, claim: mark, result: { status: "failed", error: { name: "E", message: "" } } }))).toBe("lease_lost");
      expect(recordDispatch(model, { effectId: effect.id, claim: mark, result: { status: "confirmed", result: 1 } })).toMatchObject({ status: "CONFIRMED" });
    }
  });

  test("a sender that is known to be dead loses its claim at once", () => {
    const { effect, model } = sent();
    registerWorker(model, { id: "wrk_2", host: "h", pid: 1, lockKey: null, agents: [], tools: [] });
    claim(model);
    model.now += 10_001;
    expect(lease(model)).toEqual(["due_again"]);
    expect(effect.dueAt).toBe(model.now);
  });

  test("a business key is one step's, until its effect FAILED or its run ended without ever intending it", () => {
    const { world, effect, model } = sent({ businessKey: "invoice-7" });
    const other = driven(model);
    const ask = (businessKey: string) => reserveBusinessKey(model, { connector: "bank", businessKey, runId: other.run.id, effectKey: "there" });
    reserveBusinessKey(model, { connector: "bank", businessKey: "invoice-7", runId: world.run.id, effectKey: effect.key });
    reserveBusinessKey(model, { connector: "bank", businessKey: "never-sent", runId: world.run.id, effectKey: "here" });
    expect(refused(model, () => ask("invoice-7"))).toBe("business_key_taken");
    expect(refused(model, () => ask("never-sent"))).toBe("business_key_taken");
    recordDispatch(model, { effectId: effect.id, claim: sending(model).claim, result: { status: "failed", error: { name: "E", message: "" } } });
    ask("invoice-7");
    cancelRun(model, { id: world.run.id, reason: "no", actor: operator });
    ask("never-sent");
    expect([...model.businessKeys.values()].map(({ runId }) => runId)).toEqual([other.run.id, other.run.id]);
  });
});
