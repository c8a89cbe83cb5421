export { claimDuplicates } from "./claim-duplicates.ts";
export { getObligation } from "./get.ts";
export { recordDuplicate } from "./record-duplicate.ts";
export { releaseDuplicate } from "./release-duplicate.ts";
export { resolveObligation } from "./resolve.ts";
