import { readFile } from "node:fs/promises";
import path from "node:path";
import { payBatch, type PayBatchInput } from "../agents/pay-batch.ts";
import { tape } from "../agents/treasury.ts";

const DATA = path.resolve(import.meta.dirname, "..", "..", "data");

/** Watched for a few minutes: 200 wires, this long apart. */
const SLOW_MS = 1500;

interface Seed {
  invocationId: string;
  file: string;
  options?: Omit<PayBatchInput, "csv" | "file">;
  labels: Record<string, string>;
}

const SEEDS: readonly Seed[] = [
  { invocationId: "demo-finished", file: "payments-3.csv", labels: { batch: "small" } },
  { invocationId: "demo-approval", file: "payments-5.csv", labels: { batch: "weekly" } },
  { invocationId: "demo-slow", file: "payments-200.csv", options: { limit: { amount: "500000.00", currency: "EUR" }, delayMs: SLOW_MS }, labels: { batch: "monthly" } },
];

/** What the demo begins with, ready to be started. */
export async function seedRuns() {
  return Promise.all(
    SEEDS.map(async ({ invocationId, file, options, labels }) => {
      const csv = await readFile(path.join(DATA, file), "utf8");
      return { invocationId, start: () => tape.start(payBatch, { csv, file, ...options }, { invocationId, labels }) };
    }),
  );
}
