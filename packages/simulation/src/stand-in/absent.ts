import type * as store from "@tape/store";

/** Housekeeping that no schedule lasts long enough for: there is never anything to do. */
export const announceRetention: typeof store.announceRetention = async () => {};
export const sealAudit: typeof store.sealAudit = async () => ({ sealed: 0, more: false });
export const pruneIdempotencyKeys: typeof store.pruneIdempotencyKeys = async () => ({ pruned: 0, more: false });

/** What no simulated process asks for. */
export const deleteRuns = absent("deleteRuns");
export const dropBodies = absent("dropBodies");
export const feedCursorAt = absent("feedCursorAt");
export const readFeed = absent("readFeed");
export const claimSink = absent("claimSink");
export const releaseSink = absent("releaseSink");
export const sinkFailed = absent("sinkFailed");
export const sinkPassed = absent("sinkPassed");
export const stopSink = absent("stopSink");
export const listRuns = absent("listRuns");
export const openStore = absent("openStore");
export const watchJournal = absent("watchJournal");
export const watchValue = absent("watchValue");

function absent<Name extends keyof typeof store>(name: Name): (typeof store)[Name] {
  const refuse = () => {
    throw new Error(`${name} is not simulated`);
  };
  return refuse as unknown as (typeof store)[Name];
}
