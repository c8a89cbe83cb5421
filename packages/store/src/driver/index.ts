export { claimRuns, type Claim, type LoadedAgent } from "./claim.ts";
export { Committer } from "./committer.ts";
export { recordLateOutcome, type LateOutcomeInput } from "./late.ts";
export { readForDriver, type Reading } from "./read.ts";
export type { Due, DriverRecord, NewObligation, RunCommit, RunCommitOutcome, RunEnd } from "./record.ts";
export { renewLeases, type Renewal } from "./renew.ts";
export { takeOverRuns } from "./take-over.ts";
export { unparkRun } from "./unpark.ts";
