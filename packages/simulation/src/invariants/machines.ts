import { effectMachine, gateMachine, obligationMachine, runMachine, timerMachine } from "@tape/core";
import type { Invariant } from "./invariant.ts";

interface AnyMachine {
  name: string;
  transitions: readonly { from: readonly string[] | null; to: readonly string[] }[];
}

/** Where a state may go in one verb: one row of the machine, or two or three that share a commit. */
function reachable({ transitions }: AnyMachine): Map<string | null, Set<string>> {
  const next = new Map<string | null, Set<string>>();
  for (const { from, to } of transitions) for (const state of from ?? [null]) next.set(state, new Set([...(next.get(state) ?? []), ...to]));
  const states = [...next.keys()];
  for (let round = 0; round < 2; round++) {
    for (const state of states) for (const step of [...next.get(state)!]) for (const further of next.get(step) ?? []) next.get(state)!.add(further);
  }
  return next;
}

const RUN = reachable(runMachine);
const EFFECT = reachable(effectMachine);
const GATE = reachable(gateMachine);
const OBLIGATION = reachable(obligationMachine);
const TIMER = reachable({ ...timerMachine, transitions: [...timerMachine.transitions, { from: ["FIRED", "CANCELLED"], to: ["ARMED"] }] });

/** Every change of a state is one that its machine knows, and is written in the journal of its run by the same verb. */
export const machines: Invariant = {
  name: "states and records",
  watch: ({ model }, violated) => {
    const known = new Map<string, string>();
    const seqs = new Map<string, number>();
    const look = (what: string, ways: Map<string | null, Set<string>>, id: string, status: string, runId: string, isRecorded: boolean) => {
      const before = known.get(id) ?? null;
      if (before === status) return;
      known.set(id, status);
      if (before !== null && !ways.get(before)?.has(status)) violated(`${what} ${id} went from ${before} to ${status}`);
      if (before !== null && !isRecorded) violated(`${what} ${id} went from ${before} to ${status}, and the journal of run ${runId} did not grow`);
    };
    return {
      said: () => {
        const grown = new Set<string>();
        for (const run of model.runs.values()) {
          if (seqs.get(run.id) !== run.seq) grown.add(run.id);
          seqs.set(run.id, run.seq);
        }
        for (const { id, status } of model.runs.values()) look("run", RUN, id, status, id, grown.has(id));
        for (const { id, runId, status } of model.effects.values()) look("effect", EFFECT, id, status, runId, grown.has(runId));
        for (const { id, runId, status } of model.gates.values()) look("gate", GATE, id, status, runId, grown.has(runId));
        for (const { id, runId, status } of model.obligations.values()) look("obligation", OBLIGATION, id, status, runId, grown.has(runId));
        for (const { id, runId, status } of model.timers.values()) look("timer", TIMER, `${runId} ${id}`, status, runId, grown.has(runId));
      },
    };
  },
};
