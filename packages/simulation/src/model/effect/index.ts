export { claimEffectsToCheck } from "./claim-to-check.ts";
export { getEffect } from "./get.ts";
export { nextCheckAt } from "./next-check-at.ts";
export { recordObservation } from "./observe.ts";
export { resendEffect } from "./resend.ts";
export { resolveEffect } from "./resolve.ts";
