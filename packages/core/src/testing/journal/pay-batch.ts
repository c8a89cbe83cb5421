import type { Entry } from "../../entry/index.ts";
import { JournalBuilder } from "./builder.ts";
import { payments, totalOf, type Payment } from "./payments.ts";
import { claimed, confirmsWire, decides, decidesGate, intendsWire, opensGate, readsFile, started, WORKER_A, WORKER_B, writesProgress } from "./steps.ts";

/** Where the story of the batch is cut off. `taken_over`: the worker is replaced, its payment is being done again. */
export type PayBatchStage = "started" | "deciding" | "gate" | "paying" | "unknown" | "lost" | "taken_over" | "completed";

export interface PayBatchOptions {
  /** How many payments, default 5. The third loses its acknowledgement, the fourth its worker. */
  rows?: number;
  until?: PayBatchStage;
  runId?: string;
  /** How long the approver took, in milliseconds. Default 3 h 12 m. */
  approvalMs?: number;
}

/**
 * The demo's story: a file is read, a model plans, the CFO approves after three hours, payments go out one by one; one
 * acknowledgement is lost and found by the reconciler, one worker dies and another takes over.
 */
export function payBatch({ approvalMs = (3 * 60 + 12) * 60_000, rows = 5, runId, until = "completed" }: PayBatchOptions = {}): Entry[] {
  const journal = new JournalBuilder(runId);
  const lengths = new Map<PayBatchStage, number>();
  tell(journal, payments(rows), approvalMs, (stage) => lengths.set(stage, journal.entries.length));
  return journal.entries.slice(0, lengths.get(until) ?? journal.entries.length);
}

type Mark = (stage: PayBatchStage) => void;

function tell(journal: JournalBuilder, rows: readonly Payment[], approvalMs: number, mark: Mark): void {
  const file = "vendor-payments-2026-11-24.csv";
  started(journal, { file, account: "operating" });
  mark("started");
  claimed(journal.after(184), WORKER_A, 1);
  journal.after(6).add("run", "sampled", { key: journal.key(0, "now"), name: "now", fingerprint: journal.fingerprint("now"), value: journal.now });
  readsFile(journal.after(2), file, rows);
  if (rows.length > 0) decidesAndAsks(journal.after(5), rows, approvalMs, mark);
  for (const [row, payment] of rows.entries()) pays(journal.after(12), payment, row + 1, mark);
  journal.after(9).add("run", "completed", { output: { paid: rows.length, total: totalOf(rows) } });
}

function decidesAndAsks(journal: JournalBuilder, rows: readonly Payment[], approvalMs: number, mark: Mark): void {
  const rationale = "All vendors are known, no sum is above twice its vendor's average, and the account covers the total.";
  decides(journal, "plan", rationale, { onAsked: () => mark("deciding") });
  const gateId = opensGate(journal.after(3), rows);
  journal.add("run", "parked", { waits: [{ on: "gate", gateId, name: "cfo-approval" }] });
  mark("gate");
  decidesGate(journal.after(approvalMs), gateId, "cfo-approval", "approved", "Matches the cash plan.");
  claimed(journal.after(41), WORKER_A, 2);
  journal.after(3).add("gate", "delivered", { gateId, name: "cfo-approval", key: journal.key(1, "cfo-approval") });
}

function pays(journal: JournalBuilder, payment: Payment, call: number, mark: Mark): void {
  const wire = intendsWire(journal, payment, call);
  const step = { effectId: wire.effectId, key: wire.key };
  if (call === 2) mark("paying");
  if (call === 3) {
    journal.after(2004).add("effect", "unknown", { ...step, reason: "the connection to the bank closed before it answered", durationMs: 2004 });
    journal.add("run", "parked", { waits: [{ on: "effect", effectId: wire.effectId, tool: "wire" }] });
    mark("unknown");
    journal.after(1020).add("effect", "observed", { ...step, observation: "inconclusive", checks: 1, nextCheckAt: journal.in(2000), message: "not booked yet" });
    journal.after(2110).add("effect", "observed", { ...step, observation: "confirmed", checks: 2, nextCheckAt: null });
    confirmsWire(journal, wire, "reconciler");
    claimed(journal.after(22), WORKER_A, 3);
    journal.after(2).add("effect", "delivered", step);
  } else if (call === 4) {
    mark("lost");
    claimed(journal.after(11_640), WORKER_B, 4, WORKER_A);
    journal.after(31).add("effect", "resumed", { ...step, attempt: 2 });
    mark("taken_over");
    confirmsWire(journal.after(355), wire, "driver", 355);
  } else {
    confirmsWire(journal.after(312), wire, "driver", 312);
  }
  writesProgress(journal.after(1), call);
}
