import { TapeError } from "@tape/core";
import { cancelRun } from "@tape/store";
import type { Connection } from "../connect.ts";
import { checked, withReason } from "../given.ts";
import { actorOf } from "./caller.ts";
import { orDoneBefore } from "./done-before.ts";
import { ask } from "./step.ts";
import { idOf, type RunTarget } from "./target.ts";

export function cancelRunOperation(app: string, connection: Connection) {
  return (target: RunTarget, options: { reason: string }): Promise<void> => {
    const runId = idOf(target);
    const { reason } = checked("cancelRun", withReason, options);
    return ask<null, void>(app, {
      name: "cancelRun",
      given: { runId, reason },
      act: async (caller) => {
        const store = await connection.store();
        await orDoneBefore(store, { runId, verb: "cancelled", by: caller.by, caller }, () => cancelRun(store, { id: runId, reason, actor: actorOf(caller) }));
        // Code that cancels its own run has spoken its last word: there is nobody to answer.
        if (caller.step?.runId === runId) throw new TapeError("lease_lost", `run ${runId} was cancelled by its own code`);
        return null;
      },
      answer: () => undefined,
    });
  };
}
