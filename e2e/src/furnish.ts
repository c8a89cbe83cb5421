import { writeFile } from "node:fs/promises";
import path from "node:path";
import { decideGate, redriveRun, startRun } from "@tape/store";
import { makeEffect, makeGate, makeRun, parkOn } from "@tape/store/testing";
import { paymentsCsv } from "./payments.ts";
import { openGate, startBatch, untilStatus } from "./runs.ts";
import type { System } from "./system.ts";
import type { Town } from "./town.ts";

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

/** Real batches of the demo, a run that got stuck, and from the factory a lost acknowledgement that only a person can settle. */
export async function furnish(town: Town): Promise<Furniture> {
  const { system } = town;
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

  const stuck = await getStuck(town);
  const unknown = await makeRun(store, { app: "treasury", agent: "pay-invoice", status: "WAITING" });
  const effect = await makeEffect(store, unknown.id, { tool: "wire", request: { amount: { amount: "12345678901234.00", currency: "EUR" }, creditor: "Acme GmbH" }, needsPerson: true, checks: 3 });
  await parkOn(store, unknown.id, [{ on: "effect", effectId: effect.id, tool: effect.tool }]);
  return { finished, approved, approvedGate: gate.id, waiting, waitingGate, slow, stuck, unknown: unknown.id };
}

/** Its code does something else after its worker died than it did before. */
async function getStuck(town: Town): Promise<string> {
  const { system } = town;
  const file = path.join(system.dir, "account.txt");
  await writeFile(file, "DE62 5001 0517");
  const labels = { customer: "Österreichische Donaudampfschifffahrtsgesellschaft", desk: "sweeps" };
  const { run } = await startRun(system.store, { app: "e2e", agent: "sweep-accounts", input: { file }, labels, startedBy: "user:sam@example.com" });
  await untilStatus(system, run.id, "WAITING");
  await writeFile(file, "NL55 ABNA 0015");
  await town.replaceWorker("e2e");
  await redriveRun(system.store, { id: run.id, reason: "the account was corrected", actor: { id: "user:olga@example.com", email: "olga@example.com", role: "operator" } });
  await untilStatus(system, run.id, "STUCK");
  return run.id;
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
