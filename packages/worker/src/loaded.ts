import type { AgentDefinition, TapeConfig } from "@tape/sdk";
import type { LoadedAgent, RegisterWorker } from "@tape/store";

/** What a worker has loaded, in the words of each of its readers. */
export interface Loaded {
  /** For claims. */
  agents: LoadedAgent[];
  /** The code of a claimed run. */
  agentOf(app: string, agent: string): AgentDefinition;
  /** What it says of itself: who can start what, and which tools it can ask after. */
  registration: Pick<RegisterWorker, "agents" | "tools">;
}

export function loadedOf({ tape, agents }: TapeConfig): Loaded {
  const byName = new Map<string, AgentDefinition>(agents.map((agent) => [nameOf(agent.app, agent.name), agent]));
  return {
    agents: agents.map(({ app, name, version }) => ({ app, agent: name, version })),
    agentOf: (app, agent) => {
      const found = byName.get(nameOf(app, agent));
      if (!found) throw new Error(`agent ${agent} of ${app} is not loaded here`);
      return found;
    },
    registration: {
      agents: agents.map(({ app, name, version, pinVersion, title, inputSchema }) => ({ app, agent: name, version, pinned: pinVersion, title, inputSchema })),
      tools: [...tape.tools.values()].flatMap(({ app, name, options }) => [
        ...(options.statusCheck ? [{ app, tool: name, can: "check" as const }] : []),
        ...(options.compensate ? [{ app, tool: name, can: "compensate" as const }] : []),
      ]),
    },
  };
}

function nameOf(app: string, agent: string): string {
  return JSON.stringify([app, agent]);
}
