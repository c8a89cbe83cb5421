import { redriveRun } from "@tape/store";
import type { Connection } from "../connect.ts";
import { checked, withReason } from "../given.ts";
import { actorOf } from "./caller.ts";
import { orDoneBefore } from "./done-before.ts";
import { ask } from "./step.ts";
import { idOf, type RunTarget } from "./target.ts";

export function redriveOperation(app: string, connection: Connection) {
  return (target: RunTarget, options: { reason: string }): Promise<void> => {
    const runId = idOf(target);
    const { reason } = checked("redrive", withReason, options);
    return ask<null, void>(app, {
      name: "redrive",
      given: { runId, reason },
      act: async (caller) => {
        const store = await connection.store();
        // A run may be driven again many times: the step is named, so that it knows its own.
        const by = caller.step ? `run:${caller.step.key}` : caller.by;
        await orDoneBefore(store, { runId, verb: "redriven", by, caller }, () => redriveRun(store, { id: runId, reason, actor: { ...actorOf(caller), id: by } }));
        return null;
      },
      answer: () => undefined,
    });
  };
}
