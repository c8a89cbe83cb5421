import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

const BIN = path.resolve(import.meta.dirname, "../bin/bench.mjs");
const HEADLINES = ["runsPerSecondAt50", "rawBatchedRunsPerSecondAt50", "runP50MsAt1", "oneStepP50Ms", "signalP50Ms", "timersP99LateMs"];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "tape-bench-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("the quick form measures each of its figures, says them in one line last and keeps them in a file", async () => {
  const out = path.join(folder, "results.json");
  const server = process.env.TAPE_TEST_DATABASE_URL ?? "";
  const { stdout } = await promisify(execFile)(process.execPath, [BIN, "--quick", "--json", "--tiny", "--repeats", "1", "--server", server, "--out", out]);
  const figures = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Record<string, number>;
  expect(Object.keys(figures)).toEqual(expect.arrayContaining(HEADLINES));
  for (const [name, value] of Object.entries(figures)) expect(Number.isFinite(value) && value > 0, `${name} is ${value}`).toBe(true);

  const results = JSON.parse(await readFile(out, "utf8")) as { figures: { name: string }[]; failures: string[]; machine: { postgres: string } };
  expect(results.failures).toEqual([]);
  expect(results.figures.map(({ name }) => name)).toEqual(Object.keys(figures));
  expect(results.machine.postgres).toMatch(/^\d+/);
});
