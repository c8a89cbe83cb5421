import { effectMachine, gateMachine, obligationMachine, runMachine, timerMachine, type Machine, type RunStatus, type Transition } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimRuns } from "./driver/claim.ts";
import { commitRuns } from "./driver/commit/batch.ts";
import { recordLateOutcome } from "./driver/late.ts";
import { settleRun } from "./driver/leave.ts";
import type { RunEnd } from "./driver/record.ts";
import { takeOverRuns } from "./driver/take-over.ts";
import { claimEffectsToCheck } from "./effect/claim-to-check.ts";
import { recordObservation } from "./effect/observe.ts";
import { resolveEffect } from "./effect/resolve.ts";
import { decideGate } from "./gate/decide.ts";
import { resolveObligation } from "./obligation/resolve.ts";
import { cancelRun } from "./run/cancel.ts";
import { compensateRun } from "./run/compensate.ts";
import { redriveRun } from "./run/redrive.ts";
import { settleAbandonedRuns } from "./run/settle-abandoned.ts";
import { sendSignal } from "./signal/send.ts";
import { actors, makeEffect, makeGate, makeObligation, makeRun, makeTimer, openTestStore, parkOn, type RunShape, type TestStore } from "./testing/index.ts";
import { cancelTimer } from "./timer/cancel.ts";
import { fireDueTimers } from "./timer/fire-due.ts";
import { setTimer } from "./timer/set.ts";
import { claimWalks } from "./walk/claim.ts";
import { nextReversal } from "./walk/next-reversal.ts";
import { recordReversal } from "./walk/record-reversal.ts";
import { releaseWalk } from "./walk/release.ts";

/**
 * Every event of the machines is tried from every state by a verb of this package, and happens exactly where the table
 * allows it. An event that is in neither list fails: whoever adds one says here who holds it.
 */

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

interface Thing {
  id: string;
  runId: string;
}
interface Trial {
  machine: Machine<string, string>;
  event: string;
  by: string;
  make(state: string): Promise<Thing>;
  act(thing: Thing): Promise<unknown>;
}

/** `make` and `act` know more of the thing than the list of trials. */
function trial<Made extends Thing>(machine: Trial["machine"], event: string, by: string, make: (state: string) => Promise<Made>, act: (thing: Made) => Promise<unknown>): Trial {
  return { machine, event, by, make, act: (thing) => act(thing as Made) };
}

const { operator } = actors;
const reason = "tried";
const due = "tape.now() - interval '1 s'";
const soon = { kind: "remind", inMs: 60_000, by: "test" };

async function runIn(status: string, shape: RunShape = {}): Promise<Thing> {
  const isUndone = status === "COMPENSATING" || status === "COMPENSATED";
  const { id } = await makeRun(store, { status: status as RunStatus, ...(isUndone && { endedAs: "COMPLETED" }), waits: [{ on: "signal", key: "k", name: "go" }], ...shape });
  return { id, runId: id };
}

/** Held by `wrk_test` under epoch 1, where a run can be: by its driver, or by its walker. */
const heldIn = (status: string) => runIn(status, { owner: "wrk_test" });

/** With one obligation that is STUCK; a run that is STUCK is so by it. */
async function stuckIn(status: string): Promise<Thing & { obligationId: string }> {
  const run = await runIn(status, status === "STUCK" ? { endedAs: "FAILED", stuck: { code: "compensation", message: "gave up", obligationId: "obl_1" } } : {});
  const { id: obligationId } = await makeObligation(store, run.id, { status: "STUCK", attempts: 5 });
  return { ...run, obligationId };
}

/** Of a run that is compensated, by `wrk_test` if it is held. */
async function obligationIn(status: string, { isHeld = true } = {}): Promise<Thing> {
  const run = await (isHeld ? heldIn("COMPENSATING") : runIn("COMPENSATING"));
  const { id } = await makeObligation(store, run.id, { status: status === "STUCK" || status === "PENDING" ? status : "REGISTERED", attempts: 4 });
  if (status === "COMPENSATED" || status === "WAIVED") await store.pool.query("UPDATE tape.obligations SET status = $2, settled_at = tape.now() WHERE id = $1", [id, status]);
  return { id, runId: run.id };
}

const held = { owner: "wrk_test", epoch: 1 };
const WALK = { owner: "wrk_new", limit: 1_000, ttlMs: 60_000, sessionLocks: true, driven: [] };
const undo = (runId: string) => nextReversal(store, { runId, ...held, compensators: ["unwire"] });
const fails = { status: "failed", error: { name: "E", message: "no" } } as const;
const reportOn = ({ id, runId }: Thing, outcome: Parameters<typeof recordReversal>[1]["outcome"]) => recordReversal(store, { runId, ...held, obligationId: id, attempt: 5, outcome });
const last = { inbox: null, closing: [] };
const end = ({ id }: Thing, how: RunEnd) => commitRuns(store, [{ runId: id, ...held, first: 0, foreign: 0, ttlMs: 60_000, records: [], end: how }]);

/** What is claimed is left for whoever comes next: each run of these trials has a lease that ran out, or none. */
async function claimAll(): Promise<void> {
  const agents = [{ app: "claims", agent: "pay", version: null }];
  await claimRuns(store, { ...WALK, agents, suspects: true });
  await takeOverRuns(store, { ...WALK, agents, maxRedrives: 5, suspects: true });
  await claimWalks(store, { ...WALK, compensators: [] });
}

async function gateIn(status: string): Promise<Thing> {
  const { id: runId } = await makeRun(store);
  const { id } = await makeGate(store, runId, { payload: 1, deadlineMs: -1 });
  await parkOn(store, runId, [{ on: "gate", gateId: id, name: "cfo-approval" }]);
  const outcome = { OPEN: null, DECIDED: "rejected", TIMED_OUT: "timed_out", CANCELLED: "cancelled" }[status];
  await store.pool.query("UPDATE tape.gates SET status = $2, outcome = $3, decided_by = 'x', decided_at = CASE WHEN $3::text IS NOT NULL THEN tape.now() END WHERE id = $1", [id, status, outcome]);
  return { id, runId };
}

async function effectIn(status: string, run: RunShape = {}): Promise<Thing & { key: string }> {
  const { id: runId } = await makeRun(store, run);
  const { id, key } = await makeEffect(store, runId, { status: status === "PENDING" ? "PENDING" : "UNKNOWN" });
  if (status === "CONFIRMED" || status === "FAILED") {
    await store.pool.query("UPDATE tape.effects SET status = $2, settled_at = tape.now(), outcome_seq = 2, unknown_since = NULL, next_check_at = NULL WHERE id = $1", [id, status]);
    await store.pool.query("UPDATE tape.runs SET open_effects = 0 WHERE id = $1", [runId]);
  }
  return { id, runId, key };
}

async function timerIn(status: string, run: RunShape = {}): Promise<Thing> {
  const { id: runId } = await makeRun(store, run);
  const { id } = await makeTimer(store, runId, { inMs: -1 });
  await store.pool.query("UPDATE tape.timers SET status = $2 WHERE id = $1", [id, status]);
  return { id, runId };
}

async function ownTimerIn(status: string): Promise<Thing> {
  const { id: runId } = await makeRun(store);
  return await makeTimer(store, runId, { kind: "remind", inMs: 60_000, status: status as "ARMED" });
}

async function observeAs(id: string, observation: Parameters<typeof recordObservation>[1]["observation"]): Promise<void> {
  const claims = await claimEffectsToCheck(store, { tools: [{ app: "test", tool: "wire" }], agents: [], owner: "wrk_1", limit: 100 });
  await recordObservation(store, { effectId: id, claim: claims.find(({ effectId }) => effectId === id)?.claim ?? "none", observation });
}

const fingerprintOf = async (id: string) => (await store.pool.query<{ fingerprint: string }>("SELECT fingerprint FROM tape.gates WHERE id = $1", [id])).rows[0]!.fingerprint;

const TRIALS: Trial[] = [
  { machine: runMachine, event: "redrive", by: "redriveRun", make: runIn, act: ({ id }) => redriveRun(store, { id, reason, actor: operator }) },
  { machine: runMachine, event: "wake", by: "sendSignal", make: runIn, act: ({ id }) => sendSignal(store, { runId: id, name: "go", by: operator.id }) },
  {
    machine: gateMachine,
    event: "decide",
    by: "decideGate",
    make: gateIn,
    act: async ({ id }) => decideGate(store, { id, outcome: "approved", fingerprint: await fingerprintOf(id), actor: operator }),
  },
  { machine: gateMachine, event: "time_out", by: "fireDueTimers", make: gateIn, act: () => fireDueTimers(store) },
  { machine: effectMachine, event: "confirm", by: "resolveEffect", make: effectIn, act: ({ id }) => resolveEffect(store, { id, outcome: "confirmed", reason, actor: operator }) },
  { machine: effectMachine, event: "confirm", by: "recordObservation", make: effectIn, act: ({ id }) => observeAs(id, { status: "confirmed", result: 1 }) },
  { machine: effectMachine, event: "fail", by: "resolveEffect", make: effectIn, act: ({ id }) => resolveEffect(store, { id, outcome: "failed", reason, actor: operator }) },
  { machine: effectMachine, event: "retry", by: "resolveEffect", make: effectIn, act: ({ id }) => resolveEffect(store, { id, outcome: "retry", reason, actor: operator }) },
  { machine: effectMachine, event: "retry", by: "recordObservation", make: effectIn, act: ({ id }) => observeAs(id, { status: "absent" }) },
  trial(runMachine, "claim", "claimRuns, takeOverRuns and claimWalks", (state) => runIn(state, { app: "claims", leaseMs: -1 }), claimAll),
  trial(runMachine, "release", "commitRuns and releaseWalk", heldIn, async (run) => {
    await end(run, { ...last, to: "RUNNABLE", reason: "stopping", inMs: 0 });
    await releaseWalk(store, { runId: run.id, ...held });
  }),
  trial(runMachine, "park", "commitRuns", heldIn, (run) => end(run, { ...last, to: "WAITING", waits: [{ on: "signal", key: "k", name: "go" }] })),
  trial(runMachine, "complete", "commitRuns", heldIn, (run) => end(run, { ...last, to: "COMPLETED", output: 1 })),
  trial(runMachine, "fail", "commitRuns", heldIn, (run) => end(run, { ...last, to: "FAILED", error: { name: "E", message: "no" } })),
  trial(runMachine, "cancel", "cancelRun", runIn, ({ id }) => cancelRun(store, { id, reason, actor: operator })),
  trial(runMachine, "compensate", "compensateRun", runIn, ({ id }) => compensateRun(store, { id, reason, actor: operator })),
  trial(runMachine, "compensated", "nextReversal", heldIn, ({ id }) => undo(id)),
  trial(
    runMachine,
    "give_up",
    "recordReversal",
    async (state) => {
      const run = await heldIn(state);
      return { ...run, owed: await makeObligation(store, run.id, { status: "PENDING", attempts: 4 }) };
    },
    ({ owed }) => reportOn(owed, fails),
  ),
  trial(runMachine, "resume_walk", "resolveObligation", stuckIn, ({ obligationId }) => resolveObligation(store, { id: obligationId, outcome: "done", reason, actor: operator })),
  trial(obligationMachine, "arm", "nextReversal", obligationIn, ({ runId }) => undo(runId)),
  trial(obligationMachine, "compensated", "recordReversal", obligationIn, (owed) => reportOn(owed, { status: "compensated" })),
  trial(obligationMachine, "give_up", "recordReversal", obligationIn, (owed) => reportOn(owed, fails)),
  ...(["done", "retry", "waived"] as const).map((outcome) =>
    trial(obligationMachine, outcome === "waived" ? "waive" : outcome, "resolveObligation", (state) => obligationIn(state, { isHeld: false }), ({ id }) => resolveObligation(store, { id, outcome, reason, actor: operator })),
  ),
  trial(effectMachine, "lose", "settleAbandonedRuns", (state) => effectIn(state, { status: "CANCELLED", owner: "wrk_gone", leaseMs: -1 }), () => settleAbandonedRuns(store, { limit: 1_000, sessionLocks: true })),
  trial(effectMachine, "lose", "settleRun", (state) => effectIn(state, { status: "CANCELLED", owner: "wrk_test" }), ({ runId }) => settleRun(store, { runId, ...held })),
  trial(effectMachine, "lose", "cancelRun", effectIn, ({ runId }) => cancelRun(store, { id: runId, reason, actor: operator })),
  trial(
    effectMachine,
    "lose",
    "recordLateOutcome",
    (state) => effectIn(state, { status: "CANCELLED", owner: "wrk_test" }),
    ({ id, runId, key }) => recordLateOutcome(store, { runId, effectId: id, key, outcome: { status: "unknown", reason, checkable: true }, lease: held }),
  ),
  trial(effectMachine, "confirm", "recordLateOutcome", effectIn, ({ id, runId, key }) => recordLateOutcome(store, { runId, effectId: id, key, outcome: { status: "confirmed", result: 1 } })),
  trial(gateMachine, "cancel", "cancelRun", gateIn, ({ runId }) => cancelRun(store, { id: runId, reason, actor: operator })),
  trial(timerMachine, "fire", "fireDueTimers", timerIn, () => fireDueTimers(store)),
  trial(timerMachine, "cancel", "fireDueTimers of an ended run", (state) => timerIn(state, { status: "FAILED" }), () => fireDueTimers(store)),
  trial(timerMachine, "cancel", "cancelRun", timerIn, ({ runId }) => cancelRun(store, { id: runId, reason, actor: operator })),
  trial(timerMachine, "cancel", "cancelTimer", ownTimerIn, ({ id, runId }) => cancelTimer(store, { runId, id, by: "test" })),
  trial(timerMachine, "arm", "setTimer", ownTimerIn, ({ id, runId }) => setTimer(store, { ...soon, runId, id })),
];

/** Births, which leave no state, and what only a drive that fails can bring: `commit.test.ts`, `take-over.test.ts`. */
const ELSEWHERE: Record<string, string[]> = { run: ["start", "stop_stuck"], effect: ["intend"], gate: ["open"], obligation: ["register"], timer: [] };

const TABLES: Record<string, string> = { run: "runs", effect: "effects", gate: "gates", obligation: "obligations", timer: "timers" };
const statusOf = async ({ name }: Trial["machine"], { id }: Thing) => (await store.pool.query<{ status: string }>(`SELECT status FROM tape.${TABLES[name]} WHERE id = $1`, [id])).rows[0]!.status;
const seqOf = async (runId: string) => (await store.pool.query<{ seq: number }>("SELECT seq FROM tape.runs WHERE id = $1", [runId])).rows[0]!.seq;

function target(machine: Trial["machine"], state: string, event: string): string | null {
  const row = machine.transitions.find((one: Transition<string, string>) => one.event === event && one.from?.includes(state));
  return row?.to[0] ?? null;
}

const cases = TRIALS.flatMap((trial) => trial.machine.states.map((state) => [trial.machine.name, state, trial.event, trial.by, trial] as const));

test.each(cases)("%s %s: %s by %s is as the table says", async (_name, state, event, _by, trial) => {
  await store.pool.query(`UPDATE tape.timers SET status = 'CANCELLED' WHERE fire_at < ${due}`);
  const thing = await trial.make(state);
  const before = await seqOf(thing.runId);
  const to = target(trial.machine, state, event);
  await trial.act(thing).catch((error: { code?: string }) => {
    expect(to, String(error)).toBeNull();
    expect(["illegal_transition", "already_decided", "lease_lost", "fingerprint_mismatch"]).toContain(error.code);
  });
  expect(await statusOf(trial.machine, thing)).toBe(to ?? state);
  if (to !== null) expect(await seqOf(thing.runId)).toBeGreaterThan(before);
});

test.each([runMachine, effectMachine, gateMachine, obligationMachine, timerMachine].map((machine) => [machine.name, machine as unknown as Machine<string, string>] as const))(
  "every event of the %s machine is tried here or held elsewhere",
  (name, machine) => {
    const events = new Set(machine.transitions.map(({ event }) => event));
    const tried = TRIALS.filter((trial) => trial.machine.name === name).map(({ event }) => event);
    expect(new Set([...tried, ...(ELSEWHERE[name] ?? [])])).toEqual(events);
  },
);
