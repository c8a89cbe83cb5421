export { claimRuns } from "./claim.ts";
export { commitBatch, commitBatch as commitRuns } from "./commit.ts";
export { recordLateOutcome } from "./late.ts";
export { settleRun } from "./leave.ts";
export { noticeCancel } from "./notice-cancel.ts";
export { readForDriver } from "./read.ts";
export { renewLeases } from "./renew.ts";
export { takeOverRuns } from "./take-over.ts";
export { unparkRun } from "./unpark.ts";
