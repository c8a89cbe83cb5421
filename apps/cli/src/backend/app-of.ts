import { TapeError } from "@tape/core";
import { listAgents, listRuns, type Store } from "@tape/store";

/**
 * The app a new run belongs to: that of a live worker which has the agent, else that of the agent's latest run.
 *
 * @throws {TapeError} `not_found` when nobody ever heard of the agent: most likely it is misspelt
 */
export async function appOf(store: Store, agent: string): Promise<string> {
  const known = await listAgents(store);
  const having = known.find((info) => info.agent === agent);
  if (having) return having.app;
  const { items } = await listRuns(store, { filter: { agent }, limit: 1 });
  const [latest] = items;
  if (latest) return latest.app;
  const names = [...new Set(known.map((info) => info.agent))].sort();
  throw new TapeError("not_found", names.length > 0 ? `No worker has an agent ${agent}. There is: ${names.join(", ")}.` : `No worker is running that has an agent ${agent}: start one with tape worker.`);
}
