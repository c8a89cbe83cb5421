import { filterOf, readAddress, type SearchParams } from "../../../components/runs/address.ts";
import { RunsScreen } from "../../../components/runs/runs-screen.tsx";
import { Problem } from "../../../components/shell/problem.tsx";
import { load } from "../../api.ts";

/** Runs a page. */
const LIMIT = 50;

export default async function RunsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const address = readAddress(await searchParams);
  const askedAt = Date.now();
  const ask = { filter: filterOf(address, askedAt), limit: LIMIT, ...(address.cursor !== null && { cursor: address.cursor }) };
  const loaded = await load(async (client) => {
    const [runs, agents] = await Promise.all([client.runs.list({ ...ask.filter, limit: LIMIT, cursor: ask.cursor }), client.agents()]);
    return { runs, agents: agents.items.map((agent) => agent.agent) };
  });
  if (loaded.problem) return <Problem problem={loaded.problem} />;
  const { runs, agents } = loaded.data;
  return <RunsScreen address={address} ask={ask} rows={runs.items} nextCursor={runs.nextCursor} agents={[...new Set(agents)].sort()} askedAt={askedAt} />;
}
