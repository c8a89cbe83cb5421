import type { EffectRow, Model } from "../model.ts";

/** What a worker has loaded: tools it can ask about, and agents whose tools it may have sent again. */
interface LoadedHere {
  tools: readonly { app: string; tool: string }[];
  agents: readonly { app: string; agent: string }[];
}

/**
 * Does a worker that has loaded this look after an effect that is UNKNOWN? Its tool is loaded there; or no worker can ask
 * about it, as when it was defined on the spot, and this one drives its agent.
 */
export function isLookedAfter(model: Model, { runId, tool }: EffectRow, { tools, agents }: LoadedHere): boolean {
  const { app, agent } = model.runs.get(runId)!;
  if (tools.some((loaded) => loaded.app === app && loaded.tool === tool)) return true;
  const canBeAsked = [...model.workers.values()].some((worker) => worker.tools.some((can) => can.app === app && can.tool === tool && can.can === "check"));
  return !canBeAsked && agents.some((driven) => driven.app === app && driven.agent === agent);
}

/** Those that are to be asked after by whoever has loaded this, the longest due first. */
export function toCheck(model: Model, loaded: LoadedHere): (EffectRow & { nextCheckAt: number })[] {
  return [...model.effects.values()]
    .filter((effect): effect is EffectRow & { nextCheckAt: number } => effect.status === "UNKNOWN" && effect.nextCheckAt !== null && isLookedAfter(model, effect, loaded))
    .toSorted((one, other) => one.nextCheckAt - other.nextCheckAt || (one.id < other.id ? -1 : 1));
}
