export { claimOutbox } from "./claim.ts";
export { markInFlight } from "./mark-in-flight.ts";
export { nextOutboxAt } from "./next-at.ts";
export { recordDispatch } from "./record-dispatch.ts";
export { recoverOutbox } from "./recover.ts";
export { reserveBusinessKey } from "./reserve-business-key.ts";
