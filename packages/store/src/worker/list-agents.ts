import type { AgentInfo } from "@tape/core";
import { parseBody } from "../body.ts";
import { groupBy } from "../group-by.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { HELD_LOCKS, IS_ALIVE } from "./presence.ts";

interface Loaded {
  app: string;
  agent: string;
  version: string | null;
  title: string | null;
  inputSchema: string | null;
}

/** The agents that some living worker has loaded, by name. Where workers differ, the one that started last has the word. */
export async function listAgents(store: Store): Promise<AgentInfo[]> {
  const rows = await read<Loaded>(
    store,
    `WITH ${HELD_LOCKS}
     SELECT a.app, a.agent, a.version, a.title, a.input_schema AS "inputSchema"
     FROM tape.worker_agents a JOIN tape.workers w ON w.id = a.worker_id
     WHERE ${IS_ALIVE} AND NOT w.stopping ORDER BY a.app, a.agent, w.started_at DESC, w.id DESC`,
  );
  return [...groupBy(rows, ({ app, agent }) => JSON.stringify([app, agent])).values()].map((loaded) => {
    const [latest] = loaded as [Loaded];
    const versions = [...new Set(loaded.flatMap(({ version }) => (version === null ? [] : [version])))];
    return { app: latest.app, agent: latest.agent, title: latest.title, versions, inputSchema: parseBody(latest.inputSchema), workers: loaded.length };
  });
}
