import { makeEffect, makeGate, makeRun, parkOn } from "@tape/store/testing";
import { decideGate } from "@tape/store";
import { paymentsCsv } from "./payments.ts";
import { openGate, startBatch, untilStatus } from "./runs.ts";
import type { System } from "./system.ts";

/** What a console that is in use shows: a run of each kind, a card, something for the desk. */
export interface Furniture {
  /** Ended well, below its limit. */
  finished: string;
  /** Ended well, after somebody approved it. */
  approved: string;
  approvedGate: string;
  /** Waits at its gate. */
  waiting: string;
  waitingGate: string;
  /** Still paying, for minutes. */
  slow: string;
  stuck: string;
  /** Waits for an effect of which nobody knows whether it happened. */
  unknown: string;
}

const ann = { id: "user:ann@example.com", email: "ann@example.com", role: "approver" } as const;

/** Real batches of the demo, and from the factories what happens rarely: a stuck run, a lost acknowledgement. */
export async function furnish(system: System): Promise<Furniture> {
  const { store } = system;
  const csv = await paymentsCsv("payments-5.csv");
  const [finished, approved, slow] = await Promise.all([
    startBatch(system, await paymentsCsv("payments-3.csv"), { file: "payments-3.csv" }),
    startBatch(system, csv, { file: "week-46.csv" }),
    startBatch(system, await paymentsCsv("payments-200.csv"), { file: "november.csv", limit: "9999999.00", delayMs: 1500 }),
  ]);
  const gate = await openGate(system, approved);
  await decideGate(store, { id: gate.id, outcome: "approved", fingerprint: gate.fingerprint, comment: "Checked against the purchase orders.", actor: ann });
  await Promise.all([untilStatus(system, finished, "COMPLETED"), untilStatus(system, approved, "COMPLETED")]);
  const waiting = await startBatch(system, csv, { file: "week-47.csv" });
  const waitingGate = (await openGate(system, waiting)).id;

  const stuck = await makeRun(store, { app: "treasury", agent: "sweep-accounts", status: "STUCK", labels: { customer: "Österreichische Donaudampfschifffahrtsgesellschaft" } });
  const unknown = await makeRun(store, { app: "treasury", agent: "pay-invoice", status: "WAITING" });
  const effect = await makeEffect(store, unknown.id, { tool: "wire", request: { amount: { amount: "12345678901234.00", currency: "EUR" }, creditor: "Acme GmbH" }, needsPerson: true, checks: 3 });
  await parkOn(store, unknown.id, [{ on: "effect", effectId: effect.id, tool: effect.tool }]);
  return { finished, approved, approvedGate: gate.id, waiting, waitingGate, slow, stuck: stuck.id, unknown: unknown.id };
}

/** Gates of a parked run, oldest first. @returns their ids */
export async function makeCards({ store }: System, titles: readonly string[]): Promise<string[]> {
  const { id: runId } = await makeRun(store, { app: "treasury", agent: "pay-invoice", status: "WAITING" });
  const made: { id: string; name: string }[] = [];
  for (const title of titles) {
    const payload = { total: { amount: "1240.00", currency: "EUR" } };
    const display = { title, question: "Shall it be paid?", fields: [{ label: "Total", path: "total", as: "money" as const }] };
    made.push(await makeGate(store, runId, { name: title.toLowerCase().replaceAll(/\W+/g, "-"), payload, display }));
  }
  await parkOn(store, runId, made.map(({ id: gateId, name }) => ({ on: "gate" as const, gateId, name })));
  return made.map(({ id }) => id);
}
