export { fold, foldEntry } from "./fold.ts";
export type { EarlySignal, RunHistory, ScriptLine, StepHistory, StepKind, StepOutcome } from "./history.ts";
