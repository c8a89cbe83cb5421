import type { DriverRecord } from "@tape/store";
import type { Arrivals } from "./arrivals.ts";
import type { Budget } from "./budget.ts";
import type { HandOvers } from "./hand-over.ts";
import type { LateOutcome } from "./journal.ts";
import type { Own } from "./own.ts";
import type { Recorder } from "./recorder.ts";
import type { Asked, LiveStep } from "./step.ts";
import type { Waiting } from "./waiting.ts";
import type { Work } from "./work.ts";

/** What a drive lends to the steps it drives. */
export interface Inside {
  readonly runId: string;
  readonly ttlMs: number;
  readonly signal: AbortSignal;
  readonly work: Work;
  readonly recorder: Recorder;
  readonly handOvers: HandOvers;
  readonly waiting: Waiting;
  readonly arrivals: Arrivals;
  readonly own: Own;
  readonly budget: Budget;
  now(): number;
  nextOccurrence(gate: string): number;
  nextDecisionIndex(): number;
  heartbeat(): Promise<void>;
  isCancelled(): Promise<boolean>;
  late(outcome: LateOutcome): void;
  release(): void;
  isOver(): boolean;
  isDraining(): boolean;
}

/** One asked step as its kind sees the drive. */
export function liveStep(asked: Asked, inside: Inside): LiveStep {
  const { runId, ttlMs, signal, work, recorder, handOvers, waiting, own, budget } = inside;
  const commit = async (records: DriverRecord[]): Promise<void> => {
    own.begin(records);
    await recorder.push(records);
    own.end(records.filter(({ happening }) => happening.verb === "unknown"));
  };
  return {
    key: asked.key,
    runId,
    ttlMs,
    budget,
    signal,
    now: inside.now,
    record: async (...records) => {
      await commit(records);
      if (inside.isOver()) await new Promise<never>(() => {});
    },
    commit: (record) => commit([record]),
    perform: (what) => void work.perform(() => asked.inPlace(what)),
    body: (name, run) => work.body(name, run),
    hold: (told) => work.hold(told),
    heartbeat: inside.heartbeat,
    isCancelled: inside.isCancelled,
    again: () => {
      asked.begun = false;
      inside.release();
    },
    give: (outcome, records) => {
      waiting.remove(asked.key);
      handOvers.add({ asked, outcome, records });
    },
    wait: (wait, arrived) => {
      // What it will try again is its own, also when an earlier drive began it: who settles it meanwhile overtakes this one.
      if (wait.on === "sleep" && wait.retries) own.begin([resumption(wait.retries.effectId, asked.key)]);
      waiting.add(asked.key, wait, arrived);
      recorder.schedule();
    },
    takeSignal: (name) => waiting.takeSignal(name),
    nextOccurrence: inside.nextOccurrence,
    nextDecisionIndex: inside.nextDecisionIndex,
    reportLate: (effectId, outcome) => inside.late({ runId, effectId, key: asked.key, outcome }),
    isOver: inside.isOver,
    isDraining: inside.isDraining,
  };
}

function resumption(effectId: string, key: string): DriverRecord {
  return { happening: { kind: "effect", verb: "resumed", payload: { effectId, key, attempt: 1 } } };
}
