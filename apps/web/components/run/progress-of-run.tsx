"use client";

import type { Run } from "@tape/core";
import { useProgress } from "@tape/client/react";
import { Progress } from "../kit/progress.tsx";

/** How far the run says it is, as it counts. The last value stays when the run is over. Mount it with `key={run.id}`. */
export function ProgressOfRun({ run }: { run: Run }) {
  const progress = useProgress(run.id, run.progress);
  if (progress === null) return null;
  return <Progress progress={progress} moving={run.status === "RUNNING"} />;
}
