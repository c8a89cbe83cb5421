import type { Entry } from "../../entry/index.ts";
import { RUN_STATUSES } from "../../machine/run.ts";
import type { Run, RunSummary } from "../../wire/run.ts";
import { START_MS, testId } from "../fixed.ts";
import { journalOf } from "../journal/index.ts";
import { JournalBuilder } from "../journal/builder.ts";
import { claimed, started, WORKER_A } from "../journal/steps.ts";
import { runOf } from "../world/run.ts";
import { worst } from "../worst.ts";

type Overrides = Partial<Run>;

function from(journal: () => Entry[], changes: Overrides = {}) {
  return (overrides: Overrides = {}): Run => ({ ...runOf(journal()), ...changes, ...overrides });
}

function lostLease(): Entry[] {
  const journal = new JournalBuilder();
  started(journal, { file: "vendor-payments.csv" });
  claimed(journal.after(150), WORKER_A, 1);
  return journal.entries;
}

/** One run in every state it can be in, as `GET /runs/:id` answers it. Every factory takes overrides. */
export const runFactory = {
  queued: from(() => journalOf.payBatch({ until: "started" })),
  noWorker: from(() => journalOf.payBatch({ until: "started" }), {
    whyWaiting: [{ code: "no_worker", sentence: "No live worker has the agent pay-batch: start one with it in tape.config.ts" }],
  }),
  backingOff: from(() => journalOf.retrying().slice(0, 7)),
  running: from(() => journalOf.payBatch({ until: "paying" })),
  deciding: from(() => journalOf.payBatch({ until: "deciding" })),
  leaseLost: from(lostLease, { whyWaiting: [{ code: "lease_lost", sentence: "Worker 000B fell silent 40 s ago; another worker takes over", ref: WORKER_A }] }),
  waitingAtGate: from(() => journalOf.payBatch({ until: "gate" })),
  waitingForSecondApproval: from(() => journalOf.escalated()),
  waitingForSignal: from(() => journalOf.signalled({ until: "waiting" })),
  sleeping: from(() => journalOf.sleeping()),
  waitingForOutcome: from(() => journalOf.payBatch({ until: "unknown" })),
  recovered: from(() => journalOf.payBatch({ until: "taken_over" })),
  stuckByPoison: from(() => journalOf.poisonous()),
  stuckByNondeterminism: from(() => journalOf.nondeterministic()),
  stuckByCompensation: from(() => journalOf.compensated({ stuckAt: 3 })),
  completed: from(() => journalOf.payBatch()),
  failed: from(() => journalOf.rejected()),
  cancelling: from(() => journalOf.cancelled({ until: "noticed" })),
  cancelled: from(() => journalOf.cancelled()),
  compensating: from(() => journalOf.compensated({ until: "walking" })),
  compensated: from(() => journalOf.compensated()),
  /** Longest names, 40 fields, HTML, and an error of 64 KiB. */
  worst: from(() => journalOf.worst(), { cancelReason: worst.html, progress: { done: 99_999_999_999, total: 100_000_000_000, label: worst.longWords } }),
} as const;

/** One run of every status, newest first. */
export function runOfEveryStatus(): Run[] {
  const { cancelled, compensated, compensating, completed, failed, queued, running, stuckByPoison, waitingAtGate } = runFactory;
  const runs = [queued(), running(), waitingAtGate(), compensating(), stuckByPoison(), completed(), failed(), cancelled(), compensated()];
  return runs.map((run, n) => ({ ...run, id: testId("run", RUN_STATUSES.length - n) }));
}

/** The five worst rows of the runs list. */
export function worstRuns(): Run[] {
  const rows = [
    runFactory.worst(),
    runFactory.waitingAtGate({ agent: worst.rightToLeft, labels: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`label-${n}`, worst.longWords.slice(0, 256)])) }),
    runFactory.failed({ error: { name: "Error", message: worst.html } }),
    runFactory.queued({ agent: "x", version: null, invocationId: "1", labels: {}, input: null }),
    runFactory.cancelling({ cancelReason: worst.longWords, cancelledBy: `user:${worst.longName}@example.com`, seq: 50_000, unsettled: 12_345 }),
  ];
  return rows.map((run, n) => ({ ...run, id: testId("run", 900 + n) }));
}

/** `count` runs for a list, newest first, states and ages mixed. Without bodies. */
export function manyRuns(count: number): RunSummary[] {
  const states = runOfEveryStatus();
  return Array.from({ length: count }, (_, n) => {
    const { error: _error, input: _input, output: _output, ...summary } = states[(n * 7) % states.length] ?? runFactory.queued();
    return { ...summary, id: testId("run", count - n), invocationId: `batch-${count - n}`, createdAt: new Date(START_MS - n * 61_000).toISOString() };
  });
}
