import type { StuckReason } from "@tape/core";
import type * as store from "@tape/store";
import { write } from "../append.ts";
import { inOrder } from "../in-order.ts";
import type { Model, RunRow } from "../model.ts";
import type { VerbOf } from "../verb.ts";
import { isStale, isUnanswered } from "../worker/presence.ts";
import { giveLease, loadedFor } from "./claim.ts";

/**
 * Takes runs from drivers that died or hung, of agents this worker has loaded, and those in its own name that it does not
 * know of. A run that lost its driver `maxRedrives` times in a row without getting on is STUCK instead.
 */
export const takeOverRuns: VerbOf<typeof store.takeOverRuns> = (model, { owner, agents, limit, ttlMs, maxRedrives, sessionLocks, driven, suspects }) => {
  const lost = [...model.runs.values()].filter(
    (run) =>
      run.status === "RUNNING" &&
      (isStale(model, run, { trustsLocks: sessionLocks }) || isUnanswered(model, run, { owner, driven, ttlMs })) &&
      loadedFor(run, agents) !== undefined &&
      (suspects || gotOn(run)),
  );
  const taking = inOrder(lost, ({ losses, id }) => [losses, id])
    .slice(0, limit)
    .map((run) => ({ run, losses: lossesOf(model, run) }));

  const claims: store.Claim[] = [];
  const stuck: string[] = [];
  for (const { run, losses } of taking) {
    if (losses < maxRedrives) claims.push(giveLease(model, run, { owner, ttlMs, agents, taken: "stale", losses }));
    else stuck.push(stop(model, run, losses));
    model.hints.push({ on: "run", id: run.id, seq: run.seq });
  }
  return { claims, stuck };
};

/** Did the drive that was lost bring a decision, an outcome or a delivery? */
function gotOn({ losses }: RunRow): boolean {
  return losses < 0;
}

/**
 * Leases lost in a row, with this one. Counted is a drive that brought nothing; of the runs that one owner holds, only the
 * suspects, if it has any (D25).
 */
function lossesOf(model: Model, run: RunRow): number {
  if (gotOn(run)) return 0;
  const isSuspect = ({ status, owner, losses }: RunRow) => status === "RUNNING" && owner === run.owner && losses > 0;
  const isElsewhere = !isSuspect(run) && [...model.runs.values()].some(isSuspect);
  return isElsewhere ? run.losses : run.losses + 1;
}

function stop(model: Model, run: RunRow, losses: number): string {
  const reason: StuckReason = { code: "poison", redrives: losses, message: `its driver was lost ${losses} times in a row without a new entry` };
  run.status = "STUCK";
  run.stuck = reason;
  run.owner = run.leaseExpiresAt = null;
  run.epoch += 1;
  run.losses = losses;
  write(model, run, [{ kind: "run", verb: "stuck", payload: { reason } }]);
  return run.id;
}
