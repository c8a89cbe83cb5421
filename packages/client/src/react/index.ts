export { TapeProvider, useConnection, useTape } from "./provider.tsx";
export { useRun } from "./use-run.ts";
export { useRuns } from "./use-runs.ts";
export { useGates, type GatesFeed } from "./use-gates.ts";
export { useProgress, type Progress } from "./use-progress.ts";
export { useValue, type FollowedValue } from "./use-value.ts";
