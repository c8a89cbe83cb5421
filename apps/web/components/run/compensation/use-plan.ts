"use client";

import type { CompensationPlan, Run } from "@tape/core";
import { useTape } from "@tape/client/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

/** While a walk is on, the plan is asked for this often (ms): which worker has a compensator is not in the journal. */
const WALKING_MS = 5000;

export interface FollowedPlan {
  plan: CompensationPlan | null;
  error: Error | null;
}

/** What compensating this run would do. Asked anew when the run changes; between that the journal says how the walk goes. */
export function usePlan(run: Pick<Run, "id" | "status" | "unsettled" | "lease" | "settledAt">, loaded?: CompensationPlan | null): FollowedPlan {
  const { client } = useTape();
  const isWalking = run.status === "COMPENSATING";
  const stand = `${run.status} ${run.unsettled} ${run.lease?.owner ?? ""} ${run.settledAt ?? ""}`;
  const { data, error } = useQuery({
    queryKey: ["compensation", run.id, stand],
    queryFn: ({ signal }) => client.runs.compensation(run.id, signal),
    placeholderData: keepPreviousData,
    refetchInterval: isWalking ? WALKING_MS : false,
    ...(loaded != null && loaded.runId === run.id && loaded.status === run.status && { initialData: loaded, initialDataUpdatedAt: 0 }),
  });
  return { plan: data ?? null, error };
}
