import type * as store from "@tape/store";
import { inOrder } from "../in-order.ts";
import { iso } from "../iso.ts";
import type { VerbOf } from "../verb.ts";
import { isAlive } from "./presence.ts";

/** Every worker that is known, the living first. */
export const listWorkers: VerbOf<typeof store.listWorkers> = (model) => {
  const rows = [...model.workers.values()].map((row) => ({ row, alive: isAlive(model, row) }));
  return inOrder(rows, ({ row, alive }) => [alive ? 0 : 1, row.startedAt, row.id]).map(({ row: { id, host, pid, running, startedAt, beatAt, agents }, alive }) => ({
    ...{ id, host, pid, running, alive, startedAt: iso(startedAt), beatAt: iso(beatAt) },
    agents: inOrder(agents, ({ app, agent }) => [app, agent]).map(({ app, agent, version }) => ({ app, agent, version })),
  }));
};
