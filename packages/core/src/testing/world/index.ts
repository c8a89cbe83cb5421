import type { Entry } from "../../entry/index.ts";
import type { Decision, Effect, Obligation } from "../../wire/effect.ts";
import type { Gate } from "../../wire/gate.ts";
import type { Run } from "../../wire/run.ts";
import type { Timer } from "../../wire/system.ts";
import type { CompensationPlan } from "../../wire/compensation.ts";
import { compensationOf } from "./compensation.ts";
import { decisionsOf, effectsOf, obligationsOf } from "./effects.ts";
import { gatesOf, timersOf } from "./gates.ts";
import { runOf } from "./run.ts";

/** A run as the API answers it, everything consistent with its journal. */
export interface World {
  readonly entries: readonly Entry[];
  readonly run: Run;
  readonly decisions: readonly Decision[];
  readonly effects: readonly Effect[];
  readonly obligations: readonly Obligation[];
  readonly gates: readonly Gate[];
  readonly timers: readonly Timer[];
  readonly plan: CompensationPlan;
}

/** What the run page asks for, from a journal: `worldOf(journalOf.payBatch({ until: "unknown" }))`. */
export function worldOf(entries: readonly Entry[]): World {
  return {
    entries,
    run: runOf(entries),
    decisions: decisionsOf(entries),
    effects: effectsOf(entries),
    obligations: obligationsOf(entries),
    gates: gatesOf(entries),
    timers: timersOf(entries),
    plan: compensationOf(entries),
  };
}
