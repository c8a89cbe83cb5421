export { emptyBudget, noteCost, type BudgetHistory } from "./budget.ts";
export { fold, foldEntry } from "./fold.ts";
export type { EarlySignal, PendingRetry, RunHistory, ScriptLine, StepHistory, StepKind, StepOutcome } from "./history.ts";
