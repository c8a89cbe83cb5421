import { readFile, writeFile } from "node:fs/promises";
import type { Figure, Measured } from "../measure.ts";
import type { Form } from "../workload.ts";
import type { Machine } from "./machine.ts";

/** `bench-results.json`. */
export interface Results extends Measured {
  /** When it was measured, ISO 8601 UTC. */
  at: string;
  form: Form;
  repeats: number;
  machine: Machine;
}

export async function writeResults(file: string, results: Results): Promise<void> {
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}

export async function readResults(file: string): Promise<Results> {
  return JSON.parse(await readFile(file, "utf8")) as Results;
}

/** The medians by name: the line for programs. */
export function mediansOf(figures: readonly Figure[]): Record<string, number> {
  return Object.fromEntries(figures.map(({ name, median }) => [name, Number(median.toPrecision(4))]));
}
