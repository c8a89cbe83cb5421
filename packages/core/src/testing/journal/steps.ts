import type { GateDisplay } from "../../entry/gate.ts";
import { formatMoney } from "../../words/money.ts";
import { testId } from "../fixed.ts";
import type { JournalBuilder } from "./builder.ts";
import { totalOf, type Payment } from "./payments.ts";

/** Steps that several journals share, each with the entries and the timing it has in life. */

export const WORKER_A = testId("wrk", 11);
export const WORKER_B = testId("wrk", 12);
export const ANN = "user:ann@acme.example";
export const CFO = "user:chris@acme.example";

export function started(journal: JournalBuilder, input: unknown, agent = "pay-batch"): void {
  journal.add("run", "started", {
    agent,
    version: "1.4.0",
    invocationId: "vendor-payments-2026-11-24",
    input,
    labels: { team: "treasury", batch: "2026-11-24" },
    startedBy: ANN,
  });
}

export function claimed(journal: JournalBuilder, owner: string, epoch: number, previousOwner: string | null = null): void {
  const taken = previousOwner === null ? "runnable" : "stale";
  journal.add("run", "claimed", { owner, epoch, version: "1.4.0", taken, previousOwner });
}

export function readsFile(journal: JournalBuilder, file: string, rows: readonly Payment[]): void {
  const step = { effectId: journal.id("eff"), key: journal.key(0, "read-payments") };
  const total = totalOf(rows);
  journal.add("effect", "intended", {
    ...step,
    tool: "read-payments",
    request: { file },
    fingerprint: journal.fingerprint(file),
    semantics: "OBSERVE_ONLY",
    dispatch: "INLINE",
    summary: `Read ${file}`,
  });
  journal.after(38).add("effect", "confirmed", {
    ...step,
    by: "driver",
    result: { rows, total },
    summary: `Read ${rows.length} payments, ${formatMoney(total)}, from ${file}`,
    durationMs: 38,
  });
}

export function decides(journal: JournalBuilder, name: string, rationale: string, { durationMs = 4180, onAsked }: { durationMs?: number; onAsked?: () => void } = {}): void {
  const key = journal.key(0, name);
  journal.add("budget", "reserved", { key, microUsd: 30_000, tokens: 6000 });
  journal.add("decision", "asked", {
    key,
    index: 1,
    name,
    model: "claude-sonnet-4-5",
    request: { messages: [{ role: "user", content: "Which of these payments may go out today?" }] },
    fingerprint: journal.fingerprint(name),
    attempt: 1,
  });
  onAsked?.();
  const usage = { inputTokens: 3412, outputTokens: 388, costMicroUsd: 16_056 };
  journal.after(durationMs).add("decision", "answered", { key, index: 1, response: { pay: "all", hold: [] }, usage, rationale, durationMs });
  journal.add("budget", "settled", { key, microUsd: usage.costMicroUsd, tokens: usage.inputTokens + usage.outputTokens });
}

export function batchDisplay(rows: readonly Payment[]): GateDisplay {
  return {
    title: `Pay ${rows.length} vendors ${formatMoney(totalOf(rows))}`,
    question: "Is this batch to be paid today?",
    fields: [
      { label: "Total", path: "total", as: "money" },
      { label: "Value date", path: "valueDate", as: "date" },
      { label: "Payments", path: "rows", as: "table" },
      { label: "Account", path: "account", as: "text" },
    ],
    onApprove: `${rows.length} wires leave the operating account at once`,
    onReject: "Nothing is paid; Ann gets the batch back",
    onExpiry: "Nothing is paid; the batch goes to the backup approver",
  };
}

export function batchPayload(rows: readonly Payment[]) {
  return { total: totalOf(rows), valueDate: "2026-11-24", account: "Operating account, DE02120300000000202051", rows };
}

/** Opens the gate and returns its id. */
export function opensGate(journal: JournalBuilder, rows: readonly Payment[], name = "cfo-approval", assignees = [CFO, "role:cfo"]): string {
  const gateId = journal.id("gate");
  journal.add("gate", "opened", {
    gateId,
    name,
    key: journal.key(1, name),
    occurrence: 1,
    payload: batchPayload(rows),
    form: [{ name: "valueDate", label: "Value date", type: "date", required: false }],
    risk: "high",
    display: batchDisplay(rows),
    assignees,
    quorum: 1,
    fingerprint: journal.fingerprint(name),
    deadlineAt: journal.in(8 * 60 * 60 * 1000),
  });
  return gateId;
}

export function decidesGate(journal: JournalBuilder, gateId: string, name: string, outcome: "approved" | "rejected", comment: string | null): void {
  journal.add("gate", "decided", {
    gateId,
    name,
    outcome,
    values: outcome === "approved" ? { valueDate: "2026-11-24" } : null,
    comment,
    decidedBy: CFO,
    decidedAt: journal.now,
    fingerprint: journal.fingerprint(name),
  });
}

export interface Wire {
  readonly effectId: string;
  readonly key: string;
  readonly payment: Payment;
  readonly call: number;
}

export function intendsWire(journal: JournalBuilder, payment: Payment, call: number): Wire {
  const wire = { effectId: journal.id("eff"), key: journal.key(1, "wire", call), payment, call };
  journal.add("effect", "intended", {
    effectId: wire.effectId,
    key: wire.key,
    tool: "wire",
    request: payment,
    fingerprint: journal.fingerprint(payment.reference),
    semantics: "IDEMPOTENT",
    dispatch: "INLINE",
    businessKey: payment.reference,
    summary: `Wire ${formatMoney(payment.amount)} to ${payment.to}`,
  });
  return wire;
}

/** The outcome and, in the same transaction, what would undo it. */
export function confirmsWire(journal: JournalBuilder, wire: Wire, by: "driver" | "reconciler", durationMs?: number): string {
  const { effectId, key, payment, call } = wire;
  const obligationId = journal.id("obl");
  const bankReference = `SEPA-${700_100 + call}`;
  journal.add("effect", "confirmed", {
    effectId,
    key,
    by,
    result: { bankReference, status: "settled" },
    externalRef: bankReference,
    summary: `Wired ${formatMoney(payment.amount)} to ${payment.to}`,
    durationMs,
  });
  journal.add("obligation", "registered", {
    obligationId,
    effectId,
    compensator: "reverse-wire",
    summary: `Recall ${formatMoney(payment.amount)} from ${payment.to}`,
    reason: "confirmed",
  });
  return obligationId;
}

export function writesProgress(journal: JournalBuilder, done: number): void {
  const where = { namespace: `runs/${journal.runId}`, valueKey: "progress" };
  journal.add("value", "written", { key: journal.key(1, "setValue", done), fingerprint: journal.fingerprint(String(done)), ...where, version: done });
}
