import { compensateRun } from "@tape/store";
import type { Connection } from "../connect.ts";
import { checked, withReason } from "../given.ts";
import { actorOf } from "./caller.ts";
import { orDoneBefore } from "./done-before.ts";
import { ask } from "./step.ts";
import { idOf, type RunTarget } from "./target.ts";

export function compensateRunOperation(app: string, connection: Connection) {
  return (target: RunTarget, options: { reason: string }): Promise<void> => {
    const runId = idOf(target);
    const { reason } = checked("compensateRun", withReason, options);
    return ask<null, void>(app, {
      name: "compensateRun",
      given: { runId, reason },
      act: async (caller) => {
        const store = await connection.store();
        await orDoneBefore(store, { runId, verb: "compensating", by: caller.by, caller }, () => compensateRun(store, { id: runId, reason, actor: actorOf(caller) }));
        return null;
      },
      answer: () => undefined,
    });
  };
}
