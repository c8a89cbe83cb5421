"use client";

import { escalatedFrom, type Gate } from "@tape/core";
import { useTape } from "@tape/client/react";
import { useQuery } from "@tanstack/react-query";

/** Entries before the gate that are looked through for the model's reasons. */
const LOOKED_THROUGH = 200;

export interface Background {
  /** What the run has spent on models so far. */
  spentMicroUsd: number;
  spentTokens: number;
  /** The model's own words for its last decision before it asked. */
  rationale: string | null;
  /** The gate that expired before this one was asked with the same payload. */
  escalatedFrom: Gate | null;
}

/** What stands behind a gate: the cost of its run so far, and why the agent wants this. */
export function useBackground(gate: Gate): Background | null {
  const { client } = useTape();
  const { data } = useQuery({
    queryKey: ["gate-background", gate.id],
    staleTime: 30_000,
    queryFn: async ({ signal }): Promise<Background> => {
      const [run, gates] = await Promise.all([client.runs.get(gate.runId, signal), client.runs.gates(gate.runId, {}, signal)]);
      const journal = await client.runs.journal(gate.runId, { fromSeq: Math.max(0, run.seq - LOOKED_THROUGH), limit: LOOKED_THROUGH }, signal);
      let rationale: string | null = null;
      for (const entry of journal.items) {
        if (entry.kind === "gate" && entry.verb === "opened" && entry.payload.gateId === gate.id) break;
        if (entry.kind === "decision" && entry.verb === "answered") rationale = entry.payload.rationale ?? rationale;
      }
      return { spentMicroUsd: run.budget.spentMicroUsd, spentTokens: run.budget.spentTokens, rationale, escalatedFrom: escalatedFrom(gate, gates.items) };
    },
  });
  return data ?? null;
}
