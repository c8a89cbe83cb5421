import { effectMachine, gateMachine, runMachine, timerMachine, type Machine, type Transition } from "@tape/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimEffectsToCheck } from "./effect/claim-to-check.ts";
import { loseOrphanedEffect } from "./effect/lose-orphaned.ts";
import { recordObservation } from "./effect/observe.ts";
import { resolveEffect } from "./effect/resolve.ts";
import { decideGate } from "./gate/decide.ts";
import { redriveRun } from "./run/redrive.ts";
import { sendSignal } from "./signal/send.ts";
import { actors, makeEffect, makeGate, makeRun, makeTimer, openTestStore, parkOn, type RunShape, type TestStore } from "./testing/index.ts";
import { fireDueTimers } from "./timer/fire-due.ts";

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

const { operator } = actors;
const reason = "tried";
const due = "tape.now() - interval '1 s'";

async function runIn(status: string): Promise<Thing> {
  const shape = { status, ...((status === "COMPENSATING" || status === "COMPENSATED") && { endedAs: "COMPLETED" }) } as RunShape;
  const { id } = await makeRun(store, { ...shape, waits: [{ on: "signal", key: "k", name: "go" }] });
  return { id, runId: id };
}

async function gateIn(status: string): Promise<Thing> {
  const { id: runId } = await makeRun(store);
  const { id } = await makeGate(store, runId, { payload: 1, deadlineMs: -1 });
  await parkOn(store, runId, [{ on: "gate", gateId: id, name: "cfo-approval" }]);
  const outcome = { OPEN: null, DECIDED: "rejected", TIMED_OUT: "timed_out", CANCELLED: "cancelled" }[status];
  await store.pool.query("UPDATE tape.gates SET status = $2, outcome = $3, decided_by = 'x', decided_at = CASE WHEN $3::text IS NOT NULL THEN tape.now() END WHERE id = $1", [id, status, outcome]);
  return { id, runId };
}

async function effectIn(status: string, run: RunShape = {}): Promise<Thing> {
  const { id: runId } = await makeRun(store, run);
  const { id } = await makeEffect(store, runId, { status: status === "PENDING" ? "PENDING" : "UNKNOWN" });
  if (status === "CONFIRMED" || status === "FAILED") {
    await store.pool.query("UPDATE tape.effects SET status = $2, settled_at = tape.now(), outcome_seq = 2, unknown_since = NULL, next_check_at = NULL WHERE id = $1", [id, status]);
  }
  return { id, runId };
}

async function timerIn(status: string, run: RunShape = {}): Promise<Thing> {
  const { id: runId } = await makeRun(store, run);
  const { id } = await makeTimer(store, runId, { inMs: -1 });
  await store.pool.query("UPDATE tape.timers SET status = $2 WHERE id = $1", [id, status]);
  return { id, runId };
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
  { machine: effectMachine, event: "lose", by: "loseOrphanedEffect", make: (state) => effectIn(state, { status: "CANCELLED" }), act: ({ id }) => loseOrphanedEffect(store, { effectId: id }) },
  { machine: timerMachine, event: "fire", by: "fireDueTimers", make: timerIn, act: () => fireDueTimers(store) },
  { machine: timerMachine, event: "cancel", by: "fireDueTimers of an ended run", make: (state) => timerIn(state, { status: "FAILED" }), act: () => fireDueTimers(store) },
];

/** Events that other verbs hold: the driver's commit, and the second half of the road (cancel, compensate, onTimer). */
const ELSEWHERE: Record<string, string[]> = {
  run: ["start", "claim", "release", "park", "complete", "fail", "stop_stuck", "cancel", "compensate", "compensated", "give_up", "resume_walk"],
  effect: ["intend"],
  gate: ["open", "cancel"],
  timer: ["arm"],
};

const TABLES: Record<string, string> = { run: "runs", effect: "effects", gate: "gates", timer: "timers" };
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

test.each([runMachine, effectMachine, gateMachine, timerMachine].map((machine) => [machine.name, machine as unknown as Machine<string, string>] as const))(
  "every event of the %s machine is tried here or held elsewhere",
  (name, machine) => {
    const events = new Set(machine.transitions.map(({ event }) => event));
    const tried = TRIALS.filter((trial) => trial.machine.name === name).map(({ event }) => event);
    expect(new Set([...tried, ...(ELSEWHERE[name] ?? [])])).toEqual(events);
  },
);
