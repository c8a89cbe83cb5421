export * from "./actor.ts";
export * from "./body.ts";
export { isConnectionFailure, toTapeError } from "./failure.ts";
export * from "./fingerprint.ts";
export * from "./store.ts";
export * from "./transaction.ts";
export { createHintHub, type HintHub, type HintHubOptions } from "./hint/hub.ts";
export * from "./hint/listen.ts";
export * from "./hint/publish.ts";

export { appendEntries, appendToRun, refOf, type Append, type Appended } from "./journal/append.ts";
export * from "./journal/read.ts";

export { FEED_START } from "./feed/cursor.ts";
export { feedCursorAt, readFeed, type FeedPage, type ReadFeed } from "./feed/read.ts";
export { watchJournal } from "./feed/watch.ts";
export { announceRetention, type AnnouncedRetention } from "./retention/announce.ts";
export { deleteRuns, type DeleteRuns } from "./retention/delete-runs.ts";
export { dropBodies } from "./retention/drop-bodies.ts";
export type { OldRuns, OldStatus, RetentionBatch, RetentionPosition } from "./retention/old-runs.ts";
export { pruneIdempotencyKeys } from "./idempotency/prune.ts";
export { claimSink, type ClaimSink, type SinkTurn } from "./sink/claim.ts";
export { forgetSink } from "./sink/forget.ts";
export { listSinks } from "./sink/list.ts";
export { resumeSink } from "./sink/resume.ts";
export { releaseSink, sinkFailed, sinkPassed, stopSink } from "./sink/report.ts";

export * from "./run/cancel.ts";
export { compensateRun } from "./run/compensate.ts";
export * from "./run/compensation-plan.ts";
export * from "./run/get.ts";
export * from "./run/list.ts";
export * from "./run/redrive.ts";
export * from "./run/settle-abandoned.ts";
export * from "./run/start.ts";
export { runIdOfInvocation, startRuns, type StartOutcome, type StartRun } from "./run/start-many.ts";
export * from "./run/summaries.ts";

export * from "./gate/decide.ts";
export { extendGate, type ExtendGate } from "./gate/extend.ts";
export * from "./gate/get.ts";
export { countOpenGates, listGates, type GateFilter } from "./gate/list.ts";
export * from "./gate/of-runs.ts";

export * from "./effect/claim-to-check.ts";
export * from "./effect/get.ts";
export * from "./effect/list.ts";
export * from "./effect/next-check-at.ts";
export { recordObservation, type Observation, type RecordObservation } from "./effect/observe.ts";
export * from "./effect/resend.ts";
export * from "./effect/resolve.ts";

export { claimDuplicates, type CopyToUndo } from "./obligation/claim-duplicates.ts";
export * from "./obligation/get.ts";
export * from "./obligation/list.ts";
export { recordDuplicate, type RecordDuplicate } from "./obligation/record-duplicate.ts";
export { releaseDuplicate } from "./obligation/release-duplicate.ts";
export * from "./obligation/resolve.ts";

export * from "./outbox/index.ts";

export * from "./signal/send.ts";

export { cancelTimer, type CancelTimer } from "./timer/cancel.ts";
export { claimTimers, type ClaimedTimer } from "./timer/claim.ts";
export { timerFailed } from "./timer/failed.ts";
export { fireDueTimers } from "./timer/fire-due.ts";
export { getTimer } from "./timer/get.ts";
export { timerHandled, timersHandled } from "./timer/handled.ts";
export { SELF_FIRING_KINDS } from "./timer/kinds.ts";
export * from "./timer/list.ts";
export * from "./timer/next-at.ts";
export { setTimer, type SetTimer } from "./timer/set.ts";

export * from "./value/get.ts";
export * from "./value/history.ts";
export * from "./value/list.ts";
export * from "./value/list-namespaces.ts";
export * from "./value/read-versions.ts";
export { deleteValue, setValue, type DeleteValue, type SetValue } from "./value/set.ts";
export * from "./value/watch.ts";
export { writeValues, type ValueOutcome, type ValueWrite } from "./value/write.ts";

export * from "./worker/beat.ts";
export * from "./worker/forget-dead.ts";
export * from "./worker/leave.ts";
export * from "./worker/list.ts";
export * from "./worker/list-agents.ts";
export * from "./worker/register.ts";

export * from "./audit/append.ts";
export * from "./audit/list.ts";
export * from "./audit/seal.ts";
export * from "./audit/verify.ts";

export * from "./token/create.ts";
export * from "./token/find.ts";
export * from "./token/list.ts";
export * from "./token/revoke.ts";

export * from "./system/server-time.ts";
export * from "./system/status.ts";

export * from "./setting/once.ts";

export * from "./driver/index.ts";
export * from "./walk/index.ts";
export * from "./sign-in/index.ts";
