import { notFound } from "next/navigation";
import { RunScreen } from "../../../../components/run/run-screen.tsx";
import { Problem } from "../../../../components/shell/problem.tsx";
import { load } from "../../../api.ts";

/** Entries that come with the page; the rest of a long journal follows over the socket. */
const FIRST = 200;

export default async function RunPage({ params }: { params: Promise<{ id: string }> }) {
  const id = decodeURIComponent((await params).id);
  const loaded = await load(async (client) => {
    const [run, journal] = await Promise.all([client.runs.get(id), client.runs.journal(id, { limit: FIRST })]);
    return { run, entries: journal.items };
  });
  if (loaded.problem?.code === "not_found" || loaded.problem?.code === "invalid_input") notFound();
  if (loaded.problem) return <Problem problem={loaded.problem} />;
  return <RunScreen key={id} run={loaded.data.run} entries={loaded.data.entries} />;
}
