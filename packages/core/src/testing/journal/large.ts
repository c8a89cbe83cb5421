import type { Entry } from "../../entry/index.ts";
import { JournalBuilder } from "./builder.ts";
import { payments, totalOf } from "./payments.ts";
import { claimed, confirmsWire, decides, decidesGate, intendsWire, opensGate, started, WORKER_A, WORKER_B } from "./steps.ts";

/** A journal of exactly `length` entries: batches of decisions, samples, approvals, payments and take-overs, for weeks. */
export function large(length: number): Entry[] {
  const journal = new JournalBuilder();
  started(journal, { accounts: 400 }, "sweep-accounts");
  claimed(journal.after(150), WORKER_A, 1);
  const rows = payments(40);
  for (let round = 1; journal.entries.length < length; round++) batch(journal, rows, round);
  return journal.entries.slice(0, length);
}

function batch(journal: JournalBuilder, rows: ReturnType<typeof payments>, round: number): void {
  const sample = { name: "uuid", fingerprint: journal.fingerprint("uuid"), value: `u-${round}` };
  for (let call = 1; call <= 5; call++) journal.after(1).add("run", "sampled", { key: journal.key(round, "uuid", call), ...sample });
  decides(journal, `plan-${round}`, `Pay ${rows.length} vendors ${totalOf(rows).amount} EUR`, { durationMs: 3000 });
  if (round % 10 === 0) {
    const gateId = opensGate(journal, rows);
    journal.add("run", "parked", { waits: [{ on: "gate", gateId, name: "cfo-approval" }] });
    decidesGate(journal.after(40 * 60_000), gateId, "cfo-approval", "approved", null);
    claimed(journal.after(30), round % 20 ? WORKER_A : WORKER_B, round, round % 20 ? null : WORKER_A);
    journal.add("gate", "delivered", { gateId, name: "cfo-approval", key: journal.key(round, "cfo-approval") });
  }
  const wires = rows.map((row, call) => intendsWire(journal.after(2), row, round * 100 + call));
  for (const wire of wires) confirmsWire(journal.after(11), wire, "driver", 200);
}
