import type { Entry, EntryOf } from "../../entry/index.ts";
import { JournalBuilder } from "./builder.ts";
import { payBatch } from "./pay-batch.ts";
import { payments } from "./payments.ts";
import { batchDisplay, batchPayload, claimed, decidesGate, started, WORKER_A, WORKER_B } from "./steps.ts";

const OPERATOR = "user:olga@acme.example";

function gateIdOf(entries: readonly Entry[]): string {
  const opened = entries.findLast((entry) => entry.kind === "gate" && entry.verb === "opened");
  return opened?.kind === "gate" ? opened.payload.gateId : "";
}

/** The CFO says no; the agent does not catch it. */
export function rejected(): Entry[] {
  const journal = JournalBuilder.after(payBatch({ until: "gate" }));
  const gateId = gateIdOf(journal.entries);
  const comment = "Nordwind's invoice is disputed. Take it out and ask again.";
  decidesGate(journal.after(26 * 60_000), gateId, "cfo-approval", "rejected", comment);
  claimed(journal.after(35), WORKER_A, 2);
  journal.after(2).add("gate", "delivered", { gateId, name: "cfo-approval", key: journal.key(1, "cfo-approval") });
  const error = { name: "GateRejected", message: `cfo-approval was rejected by chris@acme.example: ${comment}` };
  return journal.after(4).add("run", "failed", { error }).entries;
}

/** Nobody decides in time; the agent asks a backup approver, and waits. */
export function escalated(): Entry[] {
  const journal = JournalBuilder.after(payBatch({ until: "gate" }));
  const gateId = gateIdOf(journal.entries);
  const rows = payments(5);
  journal.after(8 * 60 * 60_000).add("gate", "timed_out", { gateId, name: "cfo-approval", decidedAt: journal.now });
  claimed(journal.after(28), WORKER_A, 2);
  journal.after(2).add("gate", "delivered", { gateId, name: "cfo-approval", key: journal.key(1, "cfo-approval") });
  const backup = journal.id("gate");
  journal.after(6).add("gate", "opened", {
    gateId: backup,
    name: "backup-approval",
    key: journal.key(1, "backup-approval"),
    occurrence: 1,
    payload: batchPayload(rows),
    form: null,
    risk: "high",
    display: batchDisplay(rows),
    assignees: ["role:treasurer"],
    quorum: 2,
    fingerprint: journal.fingerprint("backup-approval"),
    deadlineAt: journal.in(4 * 60 * 60_000),
  });
  journal.add("run", "parked", { waits: [{ on: "gate", gateId: backup, name: "backup-approval" }] });
  const vote = { gateId: backup, name: "backup-approval", outcome: "approved" as const, by: "user:tom@acme.example", comment: null };
  return journal.after(31 * 60_000).add("gate", "voted", vote).entries;
}

/** Cancelled while a wire is on its way: requested, noticed (the wire goes on), its acknowledgement lost, settled. */
export function cancelled({ until = "settled" }: { until?: "requested" | "noticed" | "settled" } = {}): Entry[] {
  const journal = JournalBuilder.after(payBatch({ until: "paying" }));
  const wire = journal.entries.findLast((entry): entry is EntryOf<"effect", "intended"> => entry.kind === "effect" && entry.verb === "intended");
  if (wire === undefined) return journal.entries;
  journal.after(90).add("run", "cancelled", { reason: "Wrong file: this is yesterday's batch", by: OPERATOR, settled: false });
  if (until === "requested") return journal.entries;
  journal.after(212).add("run", "cancel_noticed", { owner: WORKER_A });
  if (until === "noticed") return journal.entries;
  const { effectId, key } = wire.payload;
  journal.after(40).add("effect", "unknown", { effectId, key, reason: "the request was aborted by the cancellation", durationMs: 342 });
  return journal.after(3).add("run", "settled", { by: WORKER_A }).entries;
}

export interface CompensatedOptions {
  /** The recall that gives up; 1 is the first one walked. Default none. */
  stuckAt?: number;
  /** `walking`: one recall is done, the next one backs off after its first attempt. */
  until?: "asked" | "walking" | "compensated";
  /** How long it waits after the failed attempt, in milliseconds. Default 1000. */
  backoffMs?: number;
}

/** Compensation of the finished batch, newest first. */
export function compensated({ backoffMs = 1000, stuckAt = 0, until = "compensated" }: CompensatedOptions = {}): Entry[] {
  const journal = JournalBuilder.after(payBatch());
  journal.after(20 * 60_000).add("run", "compensating", { by: OPERATOR, reason: "Duplicate of the morning batch" });
  if (until === "asked") return journal.entries;
  journal.after(61).add("run", "walk_claimed", { owner: WORKER_B, epoch: 5, previousOwner: null });
  const owed = journal.entries.filter((entry): entry is EntryOf<"obligation", "registered"> => entry.kind === "obligation" && entry.verb === "registered");
  for (const [walked, registered] of owed.toReversed().entries()) {
    const { effectId, obligationId } = registered.payload;
    const which = { effectId, obligationId };
    journal.after(12).add("obligation", "armed", which);
    if (walked + 1 === stuckAt) return givesUp(journal, which);
    if (walked === 1) {
      const error = { name: "BankBusy", message: "the bank is closing its books" };
      journal.after(280).add("obligation", "attempt_failed", { ...which, attempt: 1, error, nextAttemptAt: journal.in(backoffMs) });
      if (until === "walking") return journal.entries;
      journal.after(backoffMs);
    }
    journal.after(240).add("obligation", "compensated", { ...which, by: "worker:reverse-wire", result: { recall: `R-${walked + 1}` } });
  }
  return journal.after(4).add("run", "compensated", {}).entries;
}

/** An operator has what gave up tried again; the walk goes on to its end. */
export function unstuck(): Entry[] {
  const journal = JournalBuilder.after(compensated({ stuckAt: 5 }));
  const stuck = journal.entries.findLast((entry): entry is EntryOf<"obligation", "stuck"> => entry.kind === "obligation" && entry.verb === "stuck");
  if (stuck === undefined) return journal.entries;
  const { effectId, obligationId } = stuck.payload;
  journal.after(9 * 60_000).add("obligation", "retried", { effectId, obligationId, by: OPERATOR, reason: "The beneficiary's bank has agreed by phone" });
  journal.after(48).add("run", "walk_claimed", { owner: WORKER_A, epoch: 6, previousOwner: null });
  journal.after(310).add("obligation", "compensated", { effectId, obligationId, by: "worker:reverse-wire", result: { recall: "R-5" } });
  return journal.after(3).add("run", "compensated", {}).entries;
}

function givesUp(journal: JournalBuilder, which: { effectId: string; obligationId: string }): Entry[] {
  const error = { name: "RecallRefused", message: "the beneficiary's bank refused the recall (AM05)" };
  for (let attempt = 1; attempt < 5; attempt++) {
    journal.after(250).add("obligation", "attempt_failed", { ...which, attempt, error, nextAttemptAt: journal.in(2 ** attempt * 1000) }).after(2 ** attempt * 1000);
  }
  journal.after(250).add("obligation", "stuck", { ...which, error });
  return journal.add("run", "stuck", { reason: { code: "compensation", message: error.message, obligationId: which.obligationId } }).entries;
}

/** New code asks for another step than the journal has. */
export function nondeterministic(): Entry[] {
  const journal = JournalBuilder.after(payBatch({ until: "gate" }));
  decidesGate(journal.after(15 * 60_000), gateIdOf(journal.entries), "cfo-approval", "approved", null);
  journal.after(30).add("run", "claimed", { owner: WORKER_B, epoch: 2, version: "1.5.0", taken: "runnable", previousOwner: null });
  const message = "step 3 was recorded as decision plan and is now asked as effect screen-sanctions";
  return journal.after(18).add("run", "stuck", { reason: { code: "nondeterminism", message, recorded: "decision plan", asked: "effect screen-sanctions" } }).entries;
}

/** A run that takes down whoever drives it. */
export function poisonous(): Entry[] {
  const journal = new JournalBuilder();
  started(journal, { file: "export-2019-to-2026.csv" }, "import-ledger");
  claimed(journal.after(120), WORKER_A, 1);
  for (let epoch = 2; epoch <= 6; epoch++) claimed(journal.after(12_000), epoch % 2 ? WORKER_A : WORKER_B, epoch, epoch % 2 ? WORKER_B : WORKER_A);
  return journal.after(12_000).add("run", "stuck", { reason: { code: "poison", message: "5 drives ended with a lost lease", redrives: 5 } }).entries;
}

/** A worker that had lost its lease reports a failure after the counterparty had confirmed, and then the reverse. */
export function conflicting(): Entry[] {
  const journal = JournalBuilder.after(payBatch());
  const settled = journal.entries.findLast((entry): entry is EntryOf<"effect", "confirmed"> => entry.kind === "effect" && entry.verb === "confirmed");
  if (settled === undefined) return journal.entries;
  const { effectId, key } = settled.payload;
  journal.after(4000).add("effect", "late_failure", { effectId, key, error: { name: "Error", message: "socket hang up" } });
  return journal.after(900).add("effect", "conflict", { effectId, key, outcome: "confirmed", result: { bankReference: "SEPA-700999" }, standing: "CONFIRMED with SEPA-700105", by: "late" }).entries;
}
