/** What a worker has loaded: tools it can ask about, and agents whose tools it may have sent again. */
export interface LoadedHere {
  tools: readonly { app: string; tool: string }[];
  agents: readonly { app: string; agent: string }[];
}

/**
 * Does this worker look after UNKNOWN effect `e` of run `r`? Its tool is loaded here; or it was defined on the spot (no
 * live worker can ask about it) and this worker drives its agent, so that it can be sent again. Parameters $1 to $4.
 */
export const LOOKED_AFTER = `(
  EXISTS (SELECT 1 FROM unnest($1::text[], $2::text[]) AS loaded (app, tool) WHERE loaded.app = r.app AND loaded.tool = e.tool)
  OR (EXISTS (SELECT 1 FROM unnest($3::text[], $4::text[]) AS driven (app, agent) WHERE driven.app = r.app AND driven.agent = r.agent)
      AND NOT EXISTS (SELECT 1 FROM tape.worker_tools t WHERE t.app = r.app AND t.tool = e.tool AND t.can = 'check')))`;

/** The values of {@link LOOKED_AFTER}'s parameters. */
export function lookedAfterValues({ tools, agents }: LoadedHere): string[][] {
  return [tools.map(({ app }) => app), tools.map(({ tool }) => tool), agents.map(({ app }) => app), agents.map(({ agent }) => agent)];
}
