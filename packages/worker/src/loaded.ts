import type { AgentDefinition, TapeConfig } from "@tape/sdk";
import type { LoadedAgent, LoadedCompensator, RegisterWorker } from "@tape/store";

/** What a worker has loaded, in the words of each of its readers. */
export interface Loaded {
  /** For claims. */
  agents: LoadedAgent[];
  /** The code of a claimed run. */
  agentOf(app: string, agent: string): AgentDefinition;
  /** For walks. */
  compensators: LoadedCompensator[];
  /** Kinds of timers that have a handler here, and those that need none but are nobody else's. */
  timerKinds: { app: string; kind: string }[];
  /** What it says of itself: who can start what, which tools it can ask after (itself or by their connectors), what it can undo, which timers it handles, by what it can send and to whom it delivers. */
  registration: Pick<RegisterWorker, "agents" | "tools">;
}

/** What these bring about, the store does once they are handled; a handler only comes before it. */
const HANDLERLESS_KINDS = ["redrive", "reconcile"] as const;

export function loadedOf({ tape, agents, sinks = [] }: TapeConfig): Loaded {
  const canObserve = (connector: string) => tape.connectors.get(connector)?.observe !== undefined;
  const apps = [...new Set([tape.app, ...agents.map(({ app }) => app)])];
  const handled = [...tape.timerHandlers.keys()];
  const byName = new Map<string, AgentDefinition>(agents.map((agent) => [nameOf(agent.app, agent.name), agent]));
  return {
    agents: agents.map(({ app, name, version }) => ({ app, agent: name, version })),
    agentOf: (app, agent) => {
      const found = byName.get(nameOf(app, agent));
      if (!found) throw new Error(`agent ${agent} of ${app} is not loaded here`);
      return found;
    },
    compensators: [...tape.compensators.keys()].map((compensator) => ({ app: tape.app, compensator })),
    timerKinds: apps.flatMap((app) => [...new Set([...HANDLERLESS_KINDS, ...handled])].map((kind) => ({ app, kind }))),
    registration: {
      agents: agents.map(({ app, name, version, pinVersion, title, inputSchema }) => ({ app, agent: name, version, pinned: pinVersion, title, inputSchema })),
      tools: [
        ...[...tape.tools.values()].flatMap(({ app, name, options }) => (options.statusCheck ? [{ app, tool: name, can: "check" as const }] : [])),
        ...[...tape.outbox.values()].flatMap(({ app, name, connector, options }) => (options.statusCheck || canObserve(connector) ? [{ app, tool: name, can: "check" as const }] : [])),
        ...[...tape.compensators.keys()].map((tool) => ({ app: tape.app, tool, can: "compensate" as const })),
        ...apps.flatMap((app) => handled.map((tool) => ({ app, tool, can: "timer" as const }))),
        ...[...tape.connectors.keys()].map((tool) => ({ app: tape.app, tool, can: "dispatch" as const })),
        ...sinks.map(({ id }) => ({ app: tape.app, tool: id, can: "sink" as const })),
      ],
    },
  };
}

function nameOf(app: string, agent: string): string {
  return JSON.stringify([app, agent]);
}
