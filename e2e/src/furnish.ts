import { writeFile } from "node:fs/promises";
import path from "node:path";
import { cancelRun, compensateRun, decideGate, listGates, redriveRun, setValue, startRun } from "@tape/store";
import { makeEffect, makeGate, makeObligation, makeRun, parkOn } from "@tape/store/testing";
import { paymentsCsv } from "./payments.ts";
import { openGate, startBatch, startTestRun, untilSettled, untilStatus, wiresOf } from "./runs.ts";
import type { System } from "./system.ts";
import type { Town } from "./town.ts";
import { until } from "./until.ts";

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
  /** Cancelled in the middle of its batch, and settled. */
  cancelled: string;
  /** Ended well, and was taken back. */
  compensated: string;
  /** Its compensation gave up at an obligation. */
  walkStuck: string;
  /** Its first gate passed its deadline, and the next one is open. */
  escalated: string;
  escalatedGate: string;
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
  const [cancelled, compensated, walkStuck, escalated] = await Promise.all([getCancelled(system), getCompensated(system), getWalkStuck(system), getEscalated(system)]);
  await keepValues(system);
  const escalatedGate = (await openGate(system, escalated)).id;
  return { finished, approved, approvedGate: gate.id, waiting, waitingGate, slow, stuck, unknown: unknown.id, cancelled, compensated, walkStuck, escalated, escalatedGate };
}

const olga = { id: "user:olga@example.com", email: "olga@example.com", role: "operator" } as const;

async function getCancelled(system: System): Promise<string> {
  const id = await startBatch(system, await paymentsCsv("payments-5.csv"), { file: "week-44.csv", limit: "9999999.00", delayMs: 600 });
  await until("some of it is paid", async () => (await wiresOf(system, id)).filter(({ status }) => status === "CONFIRMED").length >= 2);
  await cancelRun(system.store, { id, reason: "The supplier sent a corrected list.", actor: olga });
  await untilSettled(system, id);
  return id;
}

async function getCompensated(system: System): Promise<string> {
  const id = await startBatch(system, await paymentsCsv("payments-3.csv"), { file: "week-43.csv" });
  await untilStatus(system, id, "COMPLETED");
  await compensateRun(system.store, { id, reason: "Paid twice: week 43 was in the file of week 42.", actor: olga });
  await untilStatus(system, id, "COMPENSATED");
  return id;
}

async function getWalkStuck({ store }: System): Promise<string> {
  const reason = { code: "compensation" as const, message: "the bank is closed", obligationId: "" };
  const { id } = await makeRun(store, { app: "treasury", agent: "pay-invoice", status: "STUCK", endedAs: "COMPLETED", stuck: reason, output: { paid: 3 } });
  const wire = (name: string, amount: string) => ({
    tool: "wire", request: { creditor: name, amount: { amount, currency: "EUR" } }, did: `Wired ${amount} EUR to ${name}`, summary: `Ask the bank to send ${amount} EUR back from ${name}`,
  });
  await makeObligation(store, id, wire("Acme GmbH", "12400.00"));
  const gaveUp = await makeObligation(store, id, { ...wire("Österreichische Donaudampfschifffahrtsgesellschaft mbH", "12345678901234.00"), status: "STUCK", attempts: 5 });
  await store.pool.query("UPDATE tape.runs SET stuck = $2 WHERE id = $1", [id, JSON.stringify({ ...reason, obligationId: gaveUp.id })]);
  return id;
}

async function getEscalated(system: System): Promise<string> {
  const id = await startTestRun(system, "escalating", { amount: "8,250.00" });
  await until("the second gate is open", async () => (await listGates(system.store, { status: "OPEN", limit: 200 })).items.some((gate) => gate.runId === id && gate.name === "backup-approval"));
  return id;
}

async function keepValues({ store }: System): Promise<void> {
  const writer = "sdk:treasury";
  for (const rate of ["1.0820", "1.0834", "1.0811"]) await setValue(store, { namespace: "rates/ecb", key: "EUR-USD", value: { rate, of: "2026-11-23" }, writer });
  await setValue(store, { namespace: "rates/ecb", key: "EUR-GBP", value: { rate: "0.8391", of: "2026-11-23" }, writer });
  await setValue(store, { namespace: "limits", key: "a-key-that-is-as-long-as-a-name-that-somebody-generated-from-a-customer-and-a-date", value: { perDay: { amount: "12345678901234.00", currency: "EUR" } }, writer });
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
