import { useEffect, useMemo } from "react";
import type { RunsAsk } from "../live/watch-runs.ts";
import { runList, startRunList, type RunList, type RunListNews, type RunPage } from "../state/run-list.ts";
import { useTape } from "./provider.tsx";
import { useCoalesced } from "./use-coalesced.ts";

/** One page of runs, followed. Rows keep their place; mount it anew (by `key`) to show what came and went. */
export function useRuns(ask: RunsAsk, page: RunPage): RunList {
  const { live } = useTape();
  const [list, tell] = useCoalesced<RunList, RunListNews>(runList, startRunList(page));
  const key = JSON.stringify(ask);
  const stable = useMemo(() => JSON.parse(key) as RunsAsk, [key]);
  useEffect(() => live?.watchRuns(stable, tell), [live, stable, tell]);
  return list;
}
