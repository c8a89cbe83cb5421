import { readFile } from "node:fs/promises";

/** A step's body that ran in a worker process, which may be gone. */
export interface RanStep {
  run: string;
  n: number;
  /** By the monotonic clock (ms). */
  atMs: number;
}

/** In order. A file that is not there yet has none. */
export async function readSteps(file: string): Promise<RanStep[]> {
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").slice(0, -1);
  return lines.map((line) => {
    const [run = "", n, atMs] = line.split(" ");
    return { run, n: Number(n), atMs: Number(atMs) };
  });
}
