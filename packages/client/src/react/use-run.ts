import type { Entry, Run } from "@tape/core";
import { useEffect } from "react";
import { runView, startRunView, type RunNews, type RunView } from "../state/run-view.ts";
import { useTape } from "./provider.tsx";
import { useCoalesced } from "./use-coalesced.ts";

/** A run and its journal, followed from what was loaded with the page. Mount it with `key={run.id}`. */
export function useRun(run: Run, entries: readonly Entry[] = []): RunView {
  const { live } = useTape();
  const [view, tell] = useCoalesced<RunView, RunNews>(runView, startRunView(run, entries));
  const fromSeq = view.seq;
  useEffect(() => {
    // Where it stands when the watch begins; from then on the watch itself knows.
    return live?.watchRun(run.id, fromSeq, tell);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [live, run.id, tell]);
  return view;
}
