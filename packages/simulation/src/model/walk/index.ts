export { claimWalks } from "./claim.ts";
export { nextReversal } from "./next-reversal.ts";
export { recordReversal } from "./record-reversal.ts";
export { releaseWalk } from "./release.ts";
