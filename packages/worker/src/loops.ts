import type { RetentionOptions, Sink, Tape } from "@tape/sdk";
import type { Store } from "@tape/store";
import type { Executor } from "./executor/executor.ts";
import type { Loaded } from "./loaded.ts";
import type { Log } from "./log.ts";
import { createLoop, type Loop, type Pass } from "./loop.ts";
import { auditSealer } from "./reactors/audit-sealer.ts";
import { compensation } from "./reactors/compensation.ts";
import { duplicates } from "./reactors/duplicates.ts";
import { handledTimers } from "./reactors/handled-timers.ts";
import { janitor } from "./reactors/janitor.ts";
import { outbox } from "./reactors/outbox.ts";
import { reconciler } from "./reactors/reconciler.ts";
import { recovery } from "./reactors/recovery.ts";
import { retention } from "./reactors/retention.ts";
import { settler } from "./reactors/settler.ts";
import { sinkDeliveries } from "./reactors/sinks.ts";
import { takeOver } from "./reactors/take-over.ts";
import { timers } from "./reactors/timers.ts";
import type { Woken } from "./hints.ts";

export interface LoopsOptions {
  store: Store;
  tape: Tape;
  loaded: Loaded;
  executor: Executor;
  sinks: readonly Sink[];
  retention: RetentionOptions;
  /** This worker. */
  owner: string;
  ttlMs: number;
  graceMs: number;
  maxRedrives?: number | undefined;
  /** May this worker take others for dead? See `Presence`. */
  mayJudge: () => boolean;
  log: Log;
}

/** Every loop of a worker, and who wakes which. */
export interface Loops {
  all: readonly Loop[];
  /** By name. */
  byName: Readonly<Record<string, Loop>>;
  /** Ends the grace period of a stop at once. */
  hurry(): void;
  /** The executor has a place. */
  free(): void;
  woken: Omit<Woken, "run">;
}

export function createLoops({ store, tape, loaded, executor, sinks, retention: kept, owner, ttlMs, graceMs, maxRedrives, mayJudge, log }: LoopsOptions): Loops {
  const { agents, compensators, timerKinds: kinds } = loaded;
  const loop = (name: string, pass: Pass, drain?: () => Promise<void>): Loop => createLoop({ name, pass, log, ...(drain && { drain }) });
  const claiming = { store, executor, owner, ttlMs };
  const handled = handledTimers({ store, owner, handlers: tape.timerHandlers, kinds, graceMs, onFree: () => loops.handledTimers.wake(), log });
  const sending = outbox({ store, owner, tape, graceMs, mayJudge, onFree: () => loops.outbox.wake(), log });
  const loops = {
    recovery: loop("recovery", recovery({ ...claiming, agents })),
    takeOver: loop("take-over", takeOver({ ...claiming, agents, mayJudge, maxRedrives, log })),
    compensation: loop("compensation", compensation({ ...claiming, compensators, mayJudge })),
    settler: loop("settler", settler({ store, mayJudge, log })),
    timers: loop("timers", timers({ store })),
    handledTimers: loop("handled timers", handled.pass, handled.drain),
    outbox: loop("outbox", sending.pass, sending.drain),
    reconciler: loop("reconciler", reconciler({ store, owner, tape, agents, log })),
    duplicates: loop("duplicates", duplicates({ store, owner, loaded: compensators, compensators: tape.compensators, log })),
    auditSealer: loop("audit sealer", auditSealer({ store })),
    janitor: loop("janitor", janitor({ store, log })),
    retention: loop("retention", retention({ store, retention: kept, log })),
  };
  const ofSinks = sinks.map((sink) => {
    const { pass, drain } = sinkDeliveries({ store, owner, sink, log });
    return [`sink ${sink.id}`, loop(`sink ${sink.id}`, pass, drain)] as const;
  });
  const all = [...Object.values(loops), ...ofSinks.map(([, each]) => each)];
  const wake = (...which: (keyof typeof loops)[]): void => which.forEach((name) => loops[name].wake());
  return {
    all,
    byName: { ...loops, ...Object.fromEntries(ofSinks) },
    hurry: () => {
      handled.hurry();
      sending.hurry();
    },
    free: () => {
      wake("recovery", "takeOver");
      // Others' hints bring walks; this one only matters to what found no place.
      if (executor.free() <= 1) wake("compensation");
    },
    woken: {
      runnable: () => wake("recovery"),
      timer: () => wake("timers", "handledTimers"),
      reactors: () => wake("outbox", "reconciler", "duplicates", "settler", "takeOver", "compensation"),
      everything: () => all.forEach((each) => each.wake()),
    },
  };
}
