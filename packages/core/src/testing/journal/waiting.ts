import type { Entry } from "../../entry/index.ts";
import { JournalBuilder } from "./builder.ts";
import { payments } from "./payments.ts";
import { claimed, opensGate, started, WORKER_A } from "./steps.ts";

/** Sleeps for three days; `over`: it woke up and went on. */
export function sleeping({ over = false }: { over?: boolean } = {}): Entry[] {
  const journal = new JournalBuilder();
  started(journal, { invoice: "INV-2026-1041" }, "remind-customer");
  claimed(journal.after(150), WORKER_A, 1);
  const threeDaysMs = 3 * 24 * 60 * 60_000;
  const timerId = journal.id("timer");
  const until = journal.in(threeDaysMs);
  journal.after(8).add("timer", "armed", { timerId, kind: "wake", key: journal.key(0, "sleep"), fireAt: until });
  journal.add("run", "parked", { waits: [{ on: "sleep", timerId, until }] });
  if (!over) return journal.entries;
  journal.after(threeDaysMs).add("timer", "fired", { timerId, kind: "wake" });
  claimed(journal.after(40), WORKER_A, 2);
  journal.after(2).add("timer", "delivered", { timerId, key: journal.key(0, "sleep") });
  return journal.after(3).add("run", "completed", { output: { reminded: true } }).entries;
}

/** One signal comes before it is awaited, one after, one never. */
export function signalled({ until = "end" }: { until?: "waiting" | "end" } = {}): Entry[] {
  const journal = new JournalBuilder();
  started(journal, { order: "A-7731" }, "ship-order");
  claimed(journal.after(150), WORKER_A, 1);
  const paid = receives(journal, "paid", { amount: "89.90", currency: "EUR" });
  const paidKey = journal.key(0, "signal/paid");
  journal.after(30).add("signal", "awaited", { key: paidKey, name: "paid", deadlineAt: null });
  journal.add("signal", "delivered", { key: paidKey, signalId: paid, name: "paid" });
  const packedKey = journal.key(0, "signal/packed");
  journal.after(5).add("signal", "awaited", { key: packedKey, name: "packed", deadlineAt: journal.in(2 * 60 * 60_000) });
  journal.add("run", "parked", { waits: [{ on: "signal", key: packedKey, name: "packed" }] });
  if (until === "waiting") return journal.entries;
  const packed = receives(journal.after(17 * 60_000), "packed", { parcels: 2 });
  claimed(journal.after(33), WORKER_A, 2);
  journal.after(2).add("signal", "delivered", { key: packedKey, signalId: packed, name: "packed" });
  const pickedKey = journal.key(0, "signal/picked-up");
  journal.after(4).add("signal", "awaited", { key: pickedKey, name: "picked-up", deadlineAt: journal.in(60_000) });
  journal.add("run", "parked", { waits: [{ on: "signal", key: pickedKey, name: "picked-up" }] });
  journal.after(60_000).add("signal", "timed_out", { key: pickedKey, name: "picked-up" });
  claimed(journal.after(25), WORKER_A, 3);
  journal.after(1).add("signal", "timeout_delivered", { key: pickedKey, name: "picked-up" });
  return journal.after(6).add("run", "completed", { output: null }).entries;
}

function receives(journal: JournalBuilder, name: string, payload: unknown): string {
  const signalId = journal.id("sig");
  journal.add("signal", "received", { signalId, name, payload, by: "token:shop" });
  return signalId;
}

/** A tool that is tried three times by its retry policy, and a run that backs off in between. */
export function retrying(): Entry[] {
  const journal = new JournalBuilder();
  started(journal, { customer: "C-19" }, "sync-crm");
  claimed(journal.after(140), WORKER_A, 1);
  const step = { effectId: journal.id("eff"), key: journal.key(0, "upsert-contact") };
  const error = { name: "HttpError", message: "503 Service Unavailable" };
  journal.after(3).add("effect", "intended", {
    ...step,
    tool: "upsert-contact",
    request: { customer: { name: "Acme GmbH" }, email: "office@acme.example" },
    fingerprint: journal.fingerprint("upsert"),
    semantics: "IDEMPOTENT",
    dispatch: "INLINE",
  });
  journal.after(220).add("effect", "attempt_failed", { ...step, attempt: 1, error, retryInMs: 1000 });
  journal.after(1230).add("effect", "attempt_failed", { ...step, attempt: 2, error, retryInMs: 2000 });
  journal.after(2190).add("effect", "confirmed", { ...step, by: "driver", result: { id: "crm-4410" }, durationMs: 190 });
  journal.after(2).add("run", "released", { reason: "backoff", dueAt: journal.in(30_000) });
  claimed(journal.after(30_020), WORKER_A, 2);
  return journal.after(5).add("run", "completed", { output: { id: "crm-4410" } }).entries;
}

/** A gate that got more time, a timer that sets itself again each night, a soft deadline, and a handler that keeps throwing. */
export function timed(): Entry[] {
  const journal = new JournalBuilder();
  started(journal, { ledger: "operating" }, "close-books");
  claimed(journal.after(150), WORKER_A, 1);
  const arms = (kind: string, timerId: string, inMs: number, by?: string) => journal.add("timer", "armed", { timerId, kind, fireAt: journal.in(inMs), payload: null, ...(by !== undefined && { by }) });
  const [nightly, deadline, remind, sync] = [journal.id("timer"), journal.id("timer"), journal.id("timer"), journal.id("timer")];
  arms("nightly", nightly, 86_400_000, "sdk:treasury");
  arms("redrive", deadline, 4 * 86_400_000, "sdk:treasury");
  arms("remind-owner", remind, 3_600_000, "user:olga@acme.example");
  const gateId = opensGate(journal.after(5), payments(3));
  journal.add("run", "parked", { waits: [{ on: "gate", gateId, name: "cfo-approval" }] });
  for (let attempt = 1; attempt < 4; attempt++) {
    journal.after(attempt === 1 ? 3_599_995 : 2 ** attempt * 1000).add("timer", "attempt_failed", { timerId: remind, kind: "remind-owner", attempt, error: "handler threw: no such account", nextAttemptAt: journal.in(2 ** (attempt + 1) * 1000) });
  }
  journal.after(16_000).add("timer", "fired", { timerId: remind, kind: "remind-owner", lastError: "handler threw: no such account" });
  journal.after(6 * 3_600_000 - 16_000).add("gate", "extended", { gateId, name: "cfo-approval", deadlineAt: journal.in(26 * 3_600_000), by: "user:olga@acme.example", reason: "Chris is on a plane until tomorrow" });
  for (let night = 0; night < 2; night++) {
    journal.after(night === 0 ? 17 * 3_600_000 - 12_000 : 86_400_000).add("timer", "fired", { timerId: nightly, kind: "nightly" });
    arms("nightly", nightly, 86_400_000, "sdk:treasury");
  }
  arms("sync-ledger", sync, 0, "sdk:treasury");
  for (let attempt = 1; attempt < 3; attempt++) {
    journal.after(200).add("timer", "attempt_failed", { timerId: sync, kind: "sync-ledger", attempt, error: "handler threw: 503 Service Unavailable from the ledger", nextAttemptAt: journal.in(attempt === 1 ? 1000 : 90_000) });
    if (attempt === 1) journal.after(1000);
  }
  return journal.entries;
}
