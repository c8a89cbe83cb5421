import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Run } from "@tape/core";
import { getRun, listGates, type Store } from "@tape/store";
import { openTestStore, type TestStore } from "@tape/store/testing";
import { createWorker, type TapeWorker } from "@tape/worker";
import { createBankClient, type BankClient } from "../../src/bank/client.ts";
import { startBank, type RunningBank } from "../../src/bank/start.ts";
import { aPlace } from "../../src/bank/testing.ts";
import type { PayBatchInput } from "../../src/agents/pay-batch.ts";
import type { PayBatchReport } from "../../src/agents/report.ts";

export interface World {
  store: TestStore;
  bank: RunningBank;
  /** Another bank on the same ledger; the one before stops. */
  takeBank(bank: RunningBank): void;
  client: BankClient;
  place: Awaited<ReturnType<typeof aPlace>>;
  worker: TapeWorker;
  start(input: PayBatchInput, invocationId?: string): Promise<string>;
  /** Any agent of the demo, by its name. */
  startAgent(name: string, input: unknown): Promise<string>;
  close(): Promise<void>;
}

/**
 * The demo whole: a database of its own, the bank, a worker with the demo's configuration. One per test file, as the
 * agents look once where the bank is.
 */
export async function openWorld({ approvalMs, leaseTtlMs }: { approvalMs?: number; leaseTtlMs?: number } = {}): Promise<World> {
  const place = await aPlace();
  process.env.DEMO_APPROVAL_MS = approvalMs === undefined ? "" : String(approvalMs);
  process.env.TAPE_DIR = place.dir;
  process.env.BANK_URL = "";
  let bank = await startBank({ place, crash: () => {} });
  const store = await openTestStore();
  // The agents read where the bank is when they are loaded.
  const { default: config } = await import("../../tape.config.ts");
  const { payBatch } = await import("../../src/agents/pay-batch.ts");
  const worker = createWorker({ store, config, options: { graceMs: 500, ...(leaseTtlMs !== undefined && { leaseTtlMs }) } });
  await worker.start();
  return {
    store,
    get bank() {
      return bank;
    },
    takeBank: (next) => {
      bank = next;
    },
    client: createBankClient({ addressFile: place.addressFile }),
    place,
    worker,
    start: async (input, invocationId) => (await config.tape.start(payBatch, input, { invocationId })).id,
    async startAgent(name, input) {
      const agent = config.agents.find((each) => each.name === name);
      if (!agent) throw new Error(`the demo has no agent ${name}`);
      return (await config.tape.start(agent, input)).id;
    },
    close: async () => {
      await worker.stop();
      await store.close();
      await bank.close();
      await place.remove();
    },
  };
}

export async function shipped(name: string): Promise<string> {
  return readFile(path.join(import.meta.dirname, "..", "..", "data", name), "utf8");
}

/** Reads the run until it is as wanted. */
export async function until(store: Store, runId: string, isSo: (run: Run) => boolean, withinMs = 15_000): Promise<Run> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const run = await getRun(store, { id: runId });
    if (isSo(run)) return run;
    if (Date.now() > deadline) throw new Error(`run ${runId} is still ${run.status}: ${JSON.stringify(run.whyWaiting)} ${JSON.stringify(run.error)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function ended(store: Store, runId: string): Promise<Run & { output: PayBatchReport }> {
  const run = await until(store, runId, ({ endedAt, status }) => endedAt !== null || status === "STUCK");
  return run as Run & { output: PayBatchReport };
}

/** The gate that the run waits at; `name`: that one. */
export async function openGate(store: Store, runId: string, name?: string) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const { items } = await listGates(store, { runId });
    const gate = items.find((each) => each.status === "OPEN" && (name === undefined || each.name === name));
    if (gate) return gate;
    if (Date.now() > deadline) throw new Error(`no open gate: ${JSON.stringify(items.map(({ name: known, status }) => [known, status]))}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
