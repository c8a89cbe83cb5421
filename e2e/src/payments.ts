import { readFile } from "node:fs/promises";
import path from "node:path";
import { REPOSITORY } from "./process.ts";

/** A file of invoices that ships with the demo, cut to its first `rows`. */
export async function paymentsCsv(file: "payments-3.csv" | "payments-5.csv" | "payments-200.csv", rows = Infinity): Promise<string> {
  const text = await readFile(path.join(REPOSITORY, "apps/demo/data", file), "utf8");
  const [head, ...lines] = text.trimEnd().split("\n");
  return `${[head, ...lines.slice(0, rows)].join("\n")}\n`;
}

/** What a file's rows come to, in cents: the figures of these files have two decimals. */
export function centsOf(csv: string): number[] {
  return csv
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => Math.round(Number(/,(\d+\.\d\d),[A-Z]{3},/.exec(line)?.[1]) * 100));
}
