import type * as store from "@tape/store";
import type { Model, WorkerRow } from "../model.ts";
import type { VerbOf } from "../verb.ts";

/** Says that a worker is there and what it has loaded. Said again, it replaces what was said before. */
export const registerWorker: VerbOf<typeof store.registerWorker> = (model, { id, host, pid, lockKey, agents, tools }) => {
  const { startedAt, running } = known(model, id);
  model.workers.set(id, {
    ...{ id, host, pid, startedAt, running },
    beatAt: model.now,
    lockKey: lockKey === null ? null : BigInt(lockKey),
    stopping: false,
    agents: firstOf(agents, ({ app, agent }) => [app, agent]).map(({ app, agent, version, pinned }) => ({ app, agent, version, pinned })),
    tools: firstOf(tools, ({ app, tool, can }) => [app, tool, can]).map((tool) => ({ ...tool })),
  });
};

function known(model: Model, id: string): Pick<WorkerRow, "startedAt" | "running"> {
  return model.workers.get(id) ?? { startedAt: model.now, running: 0 };
}

/** Of what is said twice, the first. */
function firstOf<T>(all: readonly T[], nameOf: (one: T) => string[]): T[] {
  const isSame = (one: T, other: T) => JSON.stringify(nameOf(one)) === JSON.stringify(nameOf(other));
  return all.filter((one, place) => all.findIndex((other) => isSame(one, other)) === place);
}
