import { listAgents, listRuns, type Store } from "@tape/store";

/** The app of the first run of a Tape that has seen no worker yet. */
const DEFAULT_APP = "default";

/**
 * The app a new run belongs to: that of a live worker which has the agent; while there is none, that of the agent's latest
 * run, or the one app whose workers are alive. A worker that comes later claims by app and agent.
 */
export async function appOf(store: Store, agent: string): Promise<string> {
  const known = await listAgents(store);
  const having = known.find((info) => info.agent === agent);
  if (having) return having.app;
  const { items } = await listRuns(store, { filter: { agent }, limit: 1 });
  const [latest] = items;
  const apps = new Set(known.map(({ app }) => app));
  const [only] = apps;
  return latest?.app ?? (apps.size === 1 && only !== undefined ? only : DEFAULT_APP);
}
