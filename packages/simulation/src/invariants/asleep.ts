import type { Wait } from "@tape/core";
import { keyOf, type Model, type RunRow } from "../model/index.ts";
import { is, fieldOf, type Invariant } from "./invariant.ts";

/** A run that is parked waits for something that has not come yet. */
export const asleep: Invariant = {
  name: "nobody sleeps on what has come",
  // Whatever comes for a run is an entry of its journal.
  watch: ({ model }, violated) => ({
    grew: (run) => {
      if (run.status !== "WAITING") return;
      const come = run.waits!.find((wait) => hasCome(model, run, wait));
      if (come) violated(`run ${run.id} (${run.agent}) is parked, and what it waits for has come: ${JSON.stringify(come)}`);
    },
  }),
};

function hasCome(model: Model, run: RunRow, wait: Wait): boolean {
  switch (wait.on) {
    case "gate":
      return model.gates.get(keyOf(run.id, wait.gateId))!.status !== "OPEN";
    case "sleep":
      return model.timers.get(keyOf(run.id, wait.timerId))!.status !== "ARMED";
    case "effect": {
      const effect = [...model.effects.values()].find(({ id }) => id === wait.effectId)!;
      return effect.status === "CONFIRMED" || effect.status === "FAILED";
    }
    case "signal":
      return signalsLeft(model, run, wait.name) > 0;
  }
}

function signalsLeft(model: Model, run: RunRow, name: string): number {
  let left = 0;
  for (const entry of model.journals.get(run.id)!) {
    if (is(entry, "signal", "received") && fieldOf(entry, "name") === name) left += 1;
    if (is(entry, "signal", "delivered") && fieldOf(entry, "name") === name) left -= 1;
  }
  return left;
}
