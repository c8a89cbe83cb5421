import type { Reversal, ReversalOutcome } from "@tape/store";
import { describe, expect, test } from "vitest";
import {
  cancelRun,
  claimDuplicates,
  claimWalks,
  compensateRun,
  compensationPlan,
  nextReversal,
  ofRun,
  recordLateOutcome,
  recordReversal,
  registerWorker,
  releaseWalk,
  resolveEffect,
  resolveObligation,
  settleRun,
  type EffectRow,
} from "../src/model/index.ts";
import { driven, operator, refused, undo, type Driven } from "./driven.ts";

const BROKEN: ReversalOutcome = { status: "failed", error: { name: "Closed", message: "the bank is closed" } };
const DONE: ReversalOutcome = { status: "compensated" };

/** A run that did so many things, was cancelled and is to be compensated. */
function compensating(times: number): { world: Driven; did: EffectRow[] } {
  const world = driven();
  const { model, run } = world;
  const did = Array.from({ length: times }, (_, n) => world.intend({ request: { amount: { amount: `${n + 1}.00`, currency: "EUR" } } }));
  for (const effect of did) world.confirm(effect);
  cancelRun(model, { id: run.id, reason: "wrong file", actor: operator });
  settleRun(model, { runId: run.id, owner: "wrk_1", epoch: 1 });
  compensateRun(model, { id: run.id, reason: "undo it", actor: operator });
  return { world, did };
}

const claim = ({ model }: Driven, owner = "wrk_1", { compensators = undo, driven: walks = [] as string[] } = {}) =>
  claimWalks(model, { owner, compensators, limit: 10, ttlMs: 60_000, sessionLocks: false, driven: walks }).map(({ runId, epoch }) => ({ runId, owner, epoch }))[0];
const statuses = ({ model, run }: Driven) => ofRun(model.obligations, run.id).map(({ status }) => status);

type Walk = NonNullable<ReturnType<typeof claim>>;
const next = ({ model }: Driven, walk: Walk, compensators = ["unwire"]) => nextReversal(model, { ...walk, compensators });
function asked(world: Driven, walk: Walk): Reversal {
  const step = next(world, walk);
  if (step.to === "wait") world.model.now += step.inMs;
  const due = step.to === "wait" ? next(world, walk) : step;
  if (due.to !== "undo") throw new Error(`it is to ${due.to}`);
  return due.obligation;
}
const report = ({ model }: Driven, walk: Walk, { id, attempt }: Reversal, outcome: ReversalOutcome) => recordReversal(model, { ...walk, obligationId: id, attempt, outcome });

describe("the walk", () => {
  test("takes back the newest first, one at a time, each armed when it is reached; then the run is COMPENSATED", () => {
    const { world, did } = compensating(3);
    const walk = claim(world)!;
    for (const effect of did.toReversed()) {
      const reversal = asked(world, walk);
      expect(reversal).toMatchObject({ effectId: effect.id, attempt: 1, key: `${effect.key}/undo/1` });
      expect(asked(world, walk)).toEqual(reversal);
      expect(world.run.armed).toBe(1);
      for (let times = 0; times < 2; times++) expect(report(world, walk, reversal, DONE)).toEqual({ to: "on" });
    }
    for (let times = 0; times < 2; times++) expect(next(world, walk)).toEqual({ to: "done" });
    expect(world.run).toMatchObject({ status: "COMPENSATED", endedAs: "CANCELLED", owner: null, armed: 0 });
    const told = Array.from({ length: 3 }, () => ["obligation.armed", "obligation.compensated"]).flat();
    expect(world.verbs().slice(-8)).toEqual(["run.walk_claimed", ...told, "run.compensated"]);
  });

  test("waits for every outcome, and begins with what was confirmed last of all", () => {
    const world = driven();
    const { model, run } = world;
    world.confirm(world.intend());
    const open = world.intend();
    cancelRun(model, { id: run.id, reason: "no", actor: operator });
    compensateRun(model, { id: run.id, reason: "undo it", actor: operator });
    expect(compensationPlan(model, { id: run.id })).toMatchObject({ drivenBy: "wrk_1", unsettled: [{ id: open.id, status: "PENDING" }] });
    settleRun(model, { runId: run.id, owner: "wrk_1", epoch: 1 });
    expect([open.status, claim(world)]).toEqual(["UNKNOWN", undefined]);
    recordLateOutcome(model, { runId: run.id, effectId: open.id, key: open.key, outcome: { status: "confirmed", result: 1 } });
    expect(asked(world, claim(world)!)).toMatchObject({ effectId: open.id });
  });

  test("is refused to a run that has not ended, and asked for twice is one", () => {
    const world = driven();
    const compensate = () => compensateRun(world.model, { id: world.run.id, reason: "undo it", actor: operator });
    expect(refused(world.model, compensate)).toBe("illegal_transition");
    cancelRun(world.model, { id: world.run.id, reason: "no", actor: operator });
    compensate();
    expect(compensate()).toMatchObject({ status: "COMPENSATING", endedAs: "CANCELLED" });
    expect(world.verbs().filter((verb) => verb === "run.compensating")).toHaveLength(1);
  });

  test("stops at one that fails five times, touches nothing older, and goes on when a person has resolved it", () => {
    for (const [outcome, becomes] of [["retry", "PENDING"], ["done", "COMPENSATED"], ["waived", "WAIVED"]] as const) {
      const { world } = compensating(2);
      const walk = claim(world)!;
      const answers = Array.from({ length: 5 }, () => report(world, walk, asked(world, walk), BROKEN));
      expect(answers).toEqual([...[1_000, 2_000, 4_000, 8_000].map((inMs) => ({ to: "wait", inMs })), { to: "stuck" }]);
      expect([world.run.status, world.run.owner, ...statuses(world)]).toEqual(["STUCK", null, "REGISTERED", "STUCK"]);
      const [older, stuck] = ofRun(world.model.obligations, world.run.id);
      const resolve = (id: string) => resolveObligation(world.model, { id, outcome, reason: "spoke to the bank", actor: operator });
      expect(refused(world.model, () => resolve(older!.id))).toBe("illegal_transition");
      resolve(stuck!.id);
      expect([world.run.status, ...statuses(world)]).toEqual(["COMPENSATING", "REGISTERED", becomes]);
      expect(asked(world, claim(world)!)).toMatchObject(outcome === "retry" ? { id: stuck!.id, attempt: 6 } : { id: older!.id, attempt: 1 });
    }
  });

  test("of a walker that died goes on elsewhere under the same key; what it was at counts as an attempt, and its own report is refused", () => {
    const { world } = compensating(1);
    const { model, run } = world;
    for (let attempt = 1; attempt <= 5; attempt++) {
      const walk = claim(world)!;
      const reversal = asked(world, walk);
      expect(reversal.attempt).toBe(attempt);
      expect(claim(world, "wrk_2")).toBeUndefined();
      expect(claim(world, "wrk_1", { driven: [run.id] })).toBeUndefined();
      model.now += 60_000;
      if (attempt === 1) {
        releaseWalk(model, claim(world, "wrk_2")!);
        expect(report(world, walk, reversal, DONE)).toMatchObject({ to: "lost" });
      }
    }
    expect(next(world, claim(world, "wrk_2")!)).toMatchObject({ to: "lost" });
    expect([run.status, ...statuses(world)]).toEqual(["STUCK", "STUCK"]);
  });

  test("is left to a worker that has the compensator", () => {
    const { world } = compensating(1);
    expect(claim(world, "wrk_1", { compensators: [{ app: "other", compensator: "unwire" }] })).toBeUndefined();
    const walk = claim(world)!;
    expect(next(world, walk, ["unbook"])).toEqual({ to: "left", why: "compensator_missing" });
    expect(world.verbs().at(-1)).toBe("run.walk_released");
    expect(claim(world, "wrk_2")).toMatchObject({ epoch: walk.epoch + 1 });
  });

  test("of an effect that was judged wrongly: what comes to light after the walk is undone by itself", () => {
    const world = driven();
    const { model, run } = world;
    const effect = world.intend();
    world.lose(effect);
    cancelRun(model, { id: run.id, reason: "no", actor: operator });
    settleRun(model, { runId: run.id, owner: "wrk_1", epoch: 1 });
    resolveEffect(model, { id: effect.id, outcome: "failed", reason: "the bank says no", actor: operator });
    compensateRun(model, { id: run.id, reason: "undo it", actor: operator });
    expect(next(world, claim(world)!)).toEqual({ to: "done" });
    recordLateOutcome(model, { runId: run.id, effectId: effect.id, key: effect.key, outcome: { status: "confirmed", result: 1 } });
    expect([run.status, ...statuses(world)]).toEqual(["COMPENSATED", "PENDING"]);
    expect(claimDuplicates(model, { owner: "wrk_1", compensators: undo, limit: 1 })).toMatchObject([{ effectId: effect.id }]);
  });
});

test("the plan says what is taken back, in the order of the walk, with its sum", () => {
  const { world, did } = compensating(3);
  const { model, run } = world;
  registerWorker(model, { id: "wrk_1", host: "h", pid: 1, lockKey: null, agents: [], tools: [{ app: "test", tool: "unwire", can: "compensate" }] });
  const walk = claim(world)!;
  report(world, walk, asked(world, walk), DONE);
  const plan = compensationPlan(model, { id: run.id });
  expect(plan.items.map(({ effect, obligation, hasWorker }) => [effect.id, obligation.status, hasWorker])).toEqual(
    did.toReversed().map(({ id }, place) => [id, place === 0 ? "COMPENSATED" : "REGISTERED", true]),
  );
  expect(plan).toMatchObject({ status: "COMPENSATING", unsettled: [], drivenBy: null, totals: [{ amount: "3.00", currency: "EUR", count: 2 }], withoutAmount: 0 });
});
