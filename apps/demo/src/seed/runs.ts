import { readFile } from "node:fs/promises";
import path from "node:path";
import { payBatch, type PayBatchInput } from "../agents/pay-batch.ts";
import { tape } from "../agents/treasury.ts";
import { undo } from "./undo.ts";

const DATA = path.resolve(import.meta.dirname, "..", "..", "data");

/** Watched for a few minutes: 200 wires, this long apart. */
const SLOW_MS = 1500;
/** Long enough to be cancelled between two wires. */
const CANCELLED_MS = 400;

interface Seed {
  invocationId: string;
  file: string;
  options?: Omit<PayBatchInput, "csv" | "file">;
  labels: Record<string, string>;
  /** What is done with the run once it is under way; to do it again changes nothing. */
  afterwards?: (runId: string) => Promise<void>;
}

const SEEDS: readonly Seed[] = [
  { invocationId: "demo-finished", file: "payments-3.csv", labels: { batch: "small" } },
  { invocationId: "demo-approval", file: "payments-5.csv", labels: { batch: "weekly" } },
  { invocationId: "demo-slow", file: "payments-200.csv", options: { limit: { amount: "500000.00", currency: "EUR" }, delayMs: SLOW_MS }, labels: { batch: "monthly" } },
  { invocationId: "demo-undone", file: "payments-3.csv", options: { delayMs: CANCELLED_MS }, labels: { batch: "reversed" }, afterwards: undo },
];

/** What the demo begins with, ready to be started. */
export async function seedRuns() {
  return Promise.all(
    SEEDS.map(async ({ invocationId, file, options, labels, afterwards }) => {
      const csv = await readFile(path.join(DATA, file), "utf8");
      return { invocationId, afterwards, start: () => tape.start(payBatch, { csv, file, ...options }, { invocationId, labels }) };
    }),
  );
}
