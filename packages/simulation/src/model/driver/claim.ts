import type * as store from "@tape/store";
import type { Claim } from "@tape/store";
import { write } from "../append.ts";
import { inOrder } from "../in-order.ts";
import type { Model, RunRow } from "../model.ts";
import type { VerbOf } from "../verb.ts";

/** Takes up to `limit` runs that are RUNNABLE and due, the longest due first, of agents this worker has loaded. Whether one that lost a lease is taken too, `suspects` says. */
export const claimRuns: VerbOf<typeof store.claimRuns> = (model, { owner, agents, limit, ttlMs, suspects }) => {
  const due = [...model.runs.values()].filter(
    (run) => run.status === "RUNNABLE" && run.dueAt <= model.now && loadedFor(run, agents) !== undefined && (suspects || run.losses <= 0),
  );
  return inOrder(due, ({ dueAt, id }) => [dueAt, id])
    .slice(0, limit)
    .map((run) => {
      run.startedAt ??= model.now;
      return giveLease(model, run, { owner, ttlMs, agents, taken: "runnable", losses: Math.max(run.losses, 0) });
    });
};

/** What drives this run, among what a worker has loaded: a run that is pinned is driven by its version alone (D10). */
export function loadedFor({ app, agent, pinVersion }: RunRow, agents: readonly store.LoadedAgent[]): store.LoadedAgent | undefined {
  return agents.find((loaded) => loaded.app === app && loaded.agent === agent && (pinVersion === null || loaded.version === pinVersion));
}

interface Giving {
  owner: string;
  ttlMs: number;
  agents: readonly store.LoadedAgent[];
  taken: "runnable" | "stale";
  losses: number;
}

/** The right to drive a run: whoever had it before is fenced by the next epoch, and the journal says who has it now. */
export function giveLease(model: Model, run: RunRow, { owner, ttlMs, agents, taken, losses }: Giving): Claim {
  const { version } = loadedFor(run, agents)!;
  const previousOwner = run.owner;
  run.status = "RUNNING";
  run.owner = owner;
  run.epoch += 1;
  run.leaseExpiresAt = model.now + ttlMs;
  run.recorded = 0;
  run.losses = losses;
  run.version = version;
  run.waits = null;
  const { id: runId, app, agent, epoch, inbox, foreignOutcomes: foreign } = run;
  write(model, run, [{ kind: "run", verb: "claimed", payload: { owner, epoch, version, taken, previousOwner } }]);
  return { runId, app, agent, owner, epoch, ttlMs, taken, seq: run.seq, inbox, foreign, losses };
}
