import os from "node:os";
import { newId } from "@tape/core";
import { Drive as AgentDrive, storeJournal, type TapeConfig } from "@tape/sdk";
import { commitRuns, Committer, leaveWorker, registerWorker, renewLeases, type Claim, type Store } from "@tape/store";
import type { Drive } from "./executor/drive.ts";
import { createExecutor, type ExecutorStats } from "./executor/executor.ts";
import { noting } from "./executor/journal.ts";
import type { ParkedOptions } from "./executor/parked.ts";
import { createHintListener } from "./hints.ts";
import { loadedOf } from "./loaded.ts";
import { silent, type Log } from "./log.ts";
import type { LoopStats } from "./loop.ts";
import { createLoops } from "./loops.ts";
import { createPresence, type PresenceStats } from "./presence/presence.ts";
import { createService, startAll, stopAll, type Service } from "./service.ts";
import { storeWalk } from "./walk/journal.ts";
import { Walk } from "./walk/walk.ts";

export interface WorkerOptions {
  /** Most runs driven at a time. Default 50. */
  concurrency?: number;
  /** How long a lease lasts without being renewed (ms). Default 120,000. */
  leaseTtlMs?: number;
  /** At stop: how long bodies may take to finish before their signals are aborted (ms). Default 10,000. */
  graceMs?: number;
  /** Leases a run may lose in a row before it is STUCK (D25). Default 5. */
  maxRedrives?: number;
  /** Coroutines of parked runs that are kept in memory. Default 1,000 for 10 minutes. */
  parked?: ParkedOptions;
  /** Default: nothing is logged. */
  log?: Log;
}

export interface WorkerStats {
  executor: ExecutorStats;
  presence: PresenceStats;
  loops: Record<string, LoopStats>;
}

/** Drives runs, walks compensations and does what the reactors do, from `start` until `stop`. Any number may run on one database. */
export interface TapeWorker extends Service {
  /** `wrk_…`: the owner its leases name. */
  readonly id: string;
  /**
   * Resolves when the worker is registered and claims begin. A database that is away is waited for, until `stop`.
   */
  start(): Promise<void>;
  /** Takes nothing more, lets bodies finish for the grace period, aborts the rest, releases every lease and says goodbye. */
  stop(): Promise<void>;
  /** Ends the grace period of a stop at once. */
  hurry(): void;
  stats(): WorkerStats;
}

/**
 * Wires the services of one worker. The store stays its owner's: close it after `stop`.
 *
 * @param config What `tape.config.ts` exports.
 */
export function createWorker({ store, config, options = {} }: { store: Store; config: TapeConfig; options?: WorkerOptions }): TapeWorker {
  const { concurrency = 50, leaseTtlMs: ttlMs = 120_000, graceMs = 10_000, maxRedrives, parked, log: base = silent } = options;
  const id = newId("wrk");
  const log = base.child({ worker: id });
  const loaded = loadedOf(config);
  const committer = new Committer((commits) => commitRuns(store, commits), (hints) => store.hints.publish(hints));
  config.tape.use(store);

  const presence = createPresence({
    id,
    connectionString: store.connectionString,
    register: (lockKey) => registerWorker(store, { id, host: os.hostname(), pid: process.pid, lockKey, ...loaded.registration }),
    leave: () => leaveWorker(store, { id }),
    log,
  });

  const createDrive = (claim: Claim): Drive => {
    if (claim.taken === "walk") {
      const { compensators } = config.tape;
      return new Walk({ claim, compensators, journal: storeWalk(store, claim, [...compensators.keys()]) });
    }
    return new AgentDrive({
      claim,
      agent: loaded.agentOf(claim.app, claim.agent),
      journal: noting(storeJournal(store, committer, claim), (committed) => executor.committed(committed)),
      log: (event, details) => log.debug(details, event),
    });
  };

  const executor = createExecutor({
    createDrive,
    renew: (runs) => renewLeases(store, { owner: id, runs, ttlMs }),
    concurrency,
    ttlMs,
    graceMs,
    parked,
    onFree: () => loops.free(),
    onChange: (running) => presence.tell({ running }),
    log,
  });
  const loops = createLoops({ store, tape: config.tape, loaded, executor, sinks: config.sinks ?? [], retention: config.retention ?? {}, owner: id, ttlMs, graceMs, maxRedrives, mayJudge: () => presence.mayJudge(), log });

  const hints = createHintListener({
    connectionString: store.connectionString,
    log,
    woken: {
      ...loops.woken,
      run: (runId, seq) => executor.poke(runId, seq),
      everything: () => {
        executor.pokeAll();
        loops.woken.everything();
      },
    },
  });

  const service = createService("worker", async (signal) => {
    presence.tell({ stopping: false });
    await startAll([presence, hints, executor, ...loops.all], signal);
    log.info({ agents: loaded.agents.map(({ agent }) => agent) }, "the worker takes runs");
    return async () => {
      presence.tell({ stopping: true });
      await stopAll([executor, ...loops.all]);
      await stopAll([hints, presence]);
      log.info({}, "the worker has stopped");
    };
  });

  return {
    id,
    start: service.start,
    stop: service.stop,
    hurry: () => {
      executor.hurry();
      loops.hurry();
    },
    stats: () => ({
      executor: executor.stats(),
      presence: presence.stats(),
      loops: Object.fromEntries(Object.entries(loops.byName).map(([name, each]) => [name, each.stats()])),
    }),
  };
}
