import { notFound } from "next/navigation";
import { RunScreen } from "../../../../../components/run/run-screen.tsx";
import { viewOf } from "../../../../../components/run/view.ts";
import { Problem } from "../../../../../components/shell/problem.tsx";
import { load } from "../../../../api.ts";

/** Entries that come with the page; the rest of a long journal follows over the socket. */
const FIRST = 200;

export default async function RunPage({ params }: { params: Promise<{ id: string; view?: string[] }> }) {
  const asked = await params;
  const id = decodeURIComponent(asked.id);
  const view = viewOf(asked.view ?? []);
  if (view === null) notFound();
  const loaded = await load(async (client) => {
    const [run, journal, plan, timers] = await Promise.all([
      client.runs.get(id),
      client.runs.journal(id, { limit: FIRST }),
      view === "compensation" ? client.runs.compensation(id) : null,
      view === "timers" ? client.runs.timers(id, { limit: 200 }) : null,
    ]);
    return { run, entries: journal.items, plan, timers: timers?.items ?? null };
  });
  if (loaded.problem?.code === "not_found" || loaded.problem?.code === "invalid_input") notFound();
  if (loaded.problem) return <Problem problem={loaded.problem} />;
  return <RunScreen key={id} {...loaded.data} />;
}
