export { claimWalks, type LoadedCompensator } from "./claim.ts";
export { nextReversal, type NextReversal, type Reversal } from "./next-reversal.ts";
export { recordReversal, type RecordReversal, type ReversalOutcome, type ReversalRecorded } from "./record-reversal.ts";
export { releaseWalk } from "./release.ts";
