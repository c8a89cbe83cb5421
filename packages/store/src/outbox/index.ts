export { claimOutbox, type ConnectorPlaces, type EffectToSend } from "./claim.ts";
export { markInFlight, type MarkInFlight, type Marked } from "./mark-in-flight.ts";
export { nextOutboxAt } from "./next-at.ts";
export { recordDispatch, type DispatchOutcome, type RecordDispatch } from "./record-dispatch.ts";
export { recoverOutbox, type RecoveredEffect } from "./recover.ts";
export { reserveBusinessKey, type ReserveBusinessKey } from "./reserve-business-key.ts";
