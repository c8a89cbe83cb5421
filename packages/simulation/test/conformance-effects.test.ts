import type { DispatchOutcome, Observation } from "@tape/store";
import { actors } from "@tape/store/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { AGENTS, APP, COMPENSATORS, CONNECTOR } from "../src/conformance/command/context.ts";
import { Pairing } from "../src/conformance/history.ts";
import { openRealSide, type RealSide } from "../src/conformance/index.ts";
import * as act from "../src/conformance/prefix/acts.ts";
import { callOf } from "../src/conformance/verbs.ts";
import type { EffectRow, ObligationRow, RunRow } from "../src/model/index.ts";

vi.mock("@tape/core", async (original) => ({ ...(await original<object>()), newId: (await import("../src/conformance/ids.ts")).mintId }));

let real: RealSide;
beforeAll(async () => {
  real = await openRealSide();
});
afterAll(() => real.close());

const { operator: actor } = actors;
const reason = "asked the bank";
/** What no column holds, and what is longer than one keeps. */
const ODD = { name: "Odd", message: "x\0y\ud800".repeat(600) };
const LARGE = "x".repeat(1024 * 1024);

/** A history on both sides, and what there is now. */
async function begun(...acts: (typeof act)[keyof typeof act][]) {
  const pairing = await Pairing.begin(real);
  const model = () => pairing.context([]).model;
  const world = {
    does: async (...calls: Parameters<Pairing["do"]>) => await pairing.do(...calls),
    acts: async (...made: typeof acts) => {
      for (const make of made) await pairing.do((make as typeof act.start)(pairing.context([]))!);
    },
    later: (ms: number) => pairing.moveTo(model().now + ms),
    get now() {
      return model().now;
    },
    get run(): RunRow {
      return [...model().runs.values()][0]!;
    },
    get effect(): EffectRow {
      return [...model().effects.values()].at(-1)!;
    },
    get owed(): ObligationRow[] {
      return [...model().obligations.values()];
    },
    get walk() {
      return { runId: world.run.id, owner: world.run.owner ?? "wrk_a", epoch: world.run.epoch };
    },
  };
  await world.acts(...acts);
  return world;
}

type World = Awaited<ReturnType<typeof begun>>;

const check = callOf("claimEffectsToCheck", { owner: "wrk_a", limit: 10, tools: ["wire", "pay"].map((tool) => ({ app: APP, tool })), agents: [] });
const observe = ({ effect }: World, observation: Observation) => callOf("recordObservation", { effectId: effect.id, claim: effect.claim ?? "wrk_other/rec_0", observation });
const report = ({ effect }: World, result: DispatchOutcome) => callOf("recordDispatch", { effectId: effect.id, claim: effect.claim ?? "wrk_other/rec_0", result });
const resolve = ({ id }: ObligationRow, outcome: "done" | "retry" | "waived") => callOf("resolveObligation", { id, outcome, reason, actor });
const claimCopies = callOf("claimDuplicates", { owner: "wrk_1", compensators: COMPENSATORS, limit: 3 });

describe("the store answers and holds what the model says", () => {
  test("of an effect that nobody knows of for long", async () => {
    for (const acts of [[act.wire, act.lose], [act.pay, act.send, act.mark, act.sendLost]] as const) {
      const world = await begun(act.start, act.claim, ...acts);
      for (let times = 0; times < 12; times++) {
        await world.does(check);
        await world.does(observe(world, { status: "inconclusive", message: "busy\0" }));
        world.later(world.effect.nextCheckAt! - world.now);
      }
      expect(world.effect.checks).toBe(12);
      await world.does(check);
      await world.does(observe(world, { status: "absent" }));
      for (const outcome of ["retry", "retry", "failed"] as const) await world.does(callOf("resolveEffect", { id: world.effect.id, outcome, reason, actor }));
    }
  });

  test("of one that is sent again and again, because nobody can be asked", async () => {
    const world = await begun(act.start, act.claim, act.wire);
    for (let times = 0; times < 7; times++) {
      await world.acts(act.lose);
      for (let turn = 0; turn < 2 && world.effect.status === "UNKNOWN" && world.effect.nextCheckAt !== null; turn++) {
        world.later(Math.max(0, world.effect.nextCheckAt - world.now));
        await world.does(check);
        await world.does(callOf("resendEffect", { effectId: world.effect.id, claim: world.effect.claim! }));
      }
      if (world.effect.status === "UNKNOWN") await world.does(callOf("resolveEffect", { id: world.effect.id, outcome: "retry", reason, actor }));
    }
    expect(world.effect.attempts).toBe(1);
  });

  test("of one of the outbox that its connector refuses, at whatever time", async () => {
    const world = await begun(act.start, act.claim, act.pay);
    for (const afterMs of [undefined, -1, Number.NaN, 0, 5_000, Number.POSITIVE_INFINITY, undefined, undefined, undefined, undefined]) {
      await world.does(callOf("nextOutboxAt", { connectors: [{ app: APP, connector: CONNECTOR }, { app: "other", connector: CONNECTOR }] }));
      world.later(world.effect.dueAt! - world.now);
      await world.acts(act.send, act.mark);
      await world.does(report(world, { status: "retry", error: ODD, ...(afterMs !== undefined && { afterMs }) }));
      await world.does(callOf("getEffect", { id: world.effect.id }));
    }
    expect(world.effect.attempts).toBe(11);
    await world.acts(act.cancel);
    await world.does(report(world, { status: "failed", error: ODD }));
  });

  test("of one whose sender is lost, dead, frozen or late", async () => {
    const recover = (sessionLocks: boolean) => callOf("recoverOutbox", { limit: 10, sessionLocks });
    for (const acts of [[], [act.mark], [act.mark, act.cancel]]) {
      const world = await begun(act.start, act.claim, act.pay);
      await world.does(callOf("registerWorker", { id: "wrk_a", host: "h", pid: 1, lockKey: null, agents: [], tools: [] }));
      await world.acts(act.send, ...acts);
      const { claim } = world.effect;
      await world.does(recover(true));
      world.later(10_001);
      await world.does(recover(false));
      expect(world.effect.claim).toBeNull();
      for (const result of [{ status: "retry", error: ODD }, { status: "confirmed", result: 1 }, { status: "confirmed", result: 1 }, { status: "confirmed", result: 2 }, { status: "failed", error: ODD }] satisfies DispatchOutcome[]) {
        await world.does(callOf("recordDispatch", { effectId: world.effect.id, claim: claim!, result }));
      }
    }
  });

  test("of outcomes that cannot be kept as they are", async () => {
    for (const result of [undefined, LARGE, "a\0b\ud800", () => 1, { at: undefined, n: [undefined] }, 10n, Number.NaN]) {
      const world = await begun(act.start, act.claim, act.pay, act.send, act.mark);
      await world.does(report(world, { status: "confirmed", result, externalRef: "a\0b", summary: "\ud800" }));
      await world.does(observe(world, { status: "duplicate", refs: ["\0", "b", "b"], result }));
      await world.does(callOf("resolveEffect", { id: world.effect.id, outcome: "confirmed", reason, result, actor }));
    }
  });

  test("of what is asked of nothing, by nobody who may, or in words that cannot be kept", async () => {
    const world = await begun(act.start, act.claim, act.pay, act.send);
    const { id } = world.effect;
    const none = { owner: "wrk_none", limit: 10 };
    for (const call of [
      callOf("getEffect", { id: "eff_none" }),
      callOf("markInFlight", { effectId: "eff_00000000000000000000000000", claim: "" }),
      callOf("resolveObligation", { id: "obl_none", outcome: "done", reason, actor }),
      callOf("resolveObligation", { id: "obl_none", outcome: "done", reason: "", actor }),
      callOf("resolveEffect", { id, outcome: "failed", reason: "\0", actor }),
      callOf("resolveEffect", { id, outcome: "failed", reason: "x".repeat(2_001), actor }),
      callOf("resolveEffect", { id, outcome: "failed", reason, actor: actors.viewer }),
      callOf("resolveEffect", { id, outcome: "failed", reason, result: LARGE, actor }),
      callOf("compensateRun", { id: "run_none", reason, actor }),
      callOf("compensateRun", { id: world.run.id, reason: "\ud800", actor }),
      callOf("compensationPlan", { id: "run_none" }),
      callOf("nextReversal", { runId: "run_none", owner: "wrk_a", epoch: 1, compensators: [] }),
      callOf("recordReversal", { ...world.walk, obligationId: "obl_none", attempt: 1, outcome: { status: "compensated" } }),
      callOf("releaseWalk", { ...world.walk, epoch: 7 }),
      callOf("claimOutbox", { owner: "wrk_none", connectors: [] }),
      callOf("nextOutboxAt", { connectors: [] }),
      callOf("claimDuplicates", { owner: "wrk_1", compensators: [], limit: 10 }),
      callOf("claimEffectsToCheck", { ...none, tools: [], agents: [] }),
      callOf("nextCheckAt", { tools: [], agents: AGENTS }),
      callOf("claimWalks", { ...none, compensators: [], ttlMs: 1, sessionLocks: false, driven: [] }),
      ...[["\0", "k", world.run.id], ["c".repeat(201), "k", world.run.id], ["c", "k".repeat(501), world.run.id], ["c", "", world.run.id], ["c", "k", "run_none"], ["c", "k", "run_00000000000000000000000000"]].map(([connector, businessKey, runId]) =>
        callOf("reserveBusinessKey", { connector: connector!, businessKey: businessKey!, runId: runId!, effectKey: "k" }),
      ),
      callOf("reserveBusinessKey", { connector: "c", businessKey: "k", runId: world.run.id, effectKey: "k" }),
    ]) {
      await world.does(call);
    }
  });

  test("of compensators that fail, die, and are tried again by a person", async () => {
    const world = await begun(act.start, act.claim, act.wire, act.confirm, act.wire, act.confirm, act.complete, act.compensate);
    const claimWalk = (owner: string) => callOf("claimWalks", { owner, compensators: COMPENSATORS, limit: 10, ttlMs: 60_000, sessionLocks: true, driven: [] });
    for (let round = 0; round < 3 && world.run.status !== "COMPENSATED"; round++) {
      await world.does(claimWalk("wrk_a"));
      for (let attempt = 0; attempt < 6 && world.run.owner !== null; attempt++) {
        await world.does(callOf("nextReversal", { ...world.walk, compensators: ["unwire", "unpay"] }));
        const next = world.owed.findLast(({ status }) => status === "PENDING");
        if (!next) break;
        if (round === 0) await world.does(callOf("recordReversal", { ...world.walk, obligationId: next.id, attempt: next.attempts + 1, outcome: { status: "failed", error: ODD } }));
        if (round === 2) await world.does(callOf("recordReversal", { ...world.walk, obligationId: next.id, attempt: next.attempts + 1, outcome: { status: "compensated", result: undefined, durationMs: 3 } }));
        world.later(round === 1 ? 61_000 : 16_000);
        await world.does(claimWalk(`wrk_${attempt}`));
      }
      await world.does(callOf("compensationPlan", { id: world.run.id }));
      for (const stuck of world.owed.filter(({ status }) => status === "STUCK")) await world.does(resolve(stuck, "retry"));
    }
    expect(world.owed.map(({ attempts }) => attempts)).toEqual([1, 11]);
  });

  test("of what comes to light of a run when its walk is over, and of copies that somebody is at", async () => {
    const world = await begun(act.start, act.claim, act.wire, act.fail, act.complete, act.compensate, act.walk, act.undo);
    expect(world.run.status).toBe("COMPENSATED");
    const late = { runId: world.run.id, effectId: world.effect.id, key: world.effect.key };
    for (const result of [1, 1, 2]) await world.does(callOf("recordLateOutcome", { ...late, outcome: { status: "confirmed", result, externalRef: "bank-1" } }));
    await world.does(observe(world, { status: "confirmed", result: 1 }));
    await world.does(observe(world, { status: "duplicate", refs: ["bank-1", "bank-2"], result: 3 }));
    expect(world.owed.map(({ reason: why }) => why)).toEqual(["conflict", "conflict", "conflict", "duplicate"]);
    for (let attempt = 1; attempt <= 5; attempt++) {
      world.later(70_000);
      await world.does(claimCopies);
      for (const copy of world.owed.filter(({ status }) => status === "PENDING")) {
        await world.does(resolve(copy, "done"));
        const claim = copy.claim ?? "wrk_other/rec_0";
        if (attempt === 2) await world.does(resolve(copy, "waived"));
        await world.does(callOf("recordDuplicate", { obligationId: copy.id, claim, attempt: copy.attempts + 1, owner: "wrk_b", outcome: copy.reason === "duplicate" ? { status: "compensated", result: 1 } : { status: "failed", error: ODD } }));
      }
    }
    expect(world.owed.map(({ status }) => status)).not.toContain("PENDING");
    for (const copy of world.owed) for (const outcome of ["retry", "waived"] as const) await world.does(resolve(copy, outcome));
  });
});
