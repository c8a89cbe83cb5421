import { countOpenGates, decideGate, listGates, startRuns, systemStatus } from "@tape/store";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { openSystem, type System } from "../src/system.ts";
import { until } from "../src/until.ts";

let system: System;
afterEach(() => system.close());

const RUNS = 1_000;
const approver = { id: "user:ann@example.com", email: "ann@example.com", role: "approver" } as const;

test("G7 all processes are restarted while 1,000 runs are parked: all resume when decided, nothing is asked twice", { timeout: 240_000 }, async () => {
  system = await openSystem();
  const first = await system.worker();
  await startRuns(system.store, Array.from({ length: RUNS }, (_, n) => ({ app: "e2e", agent: "waiting", input: { n }, startedBy: "test" })));
  await until("every run is parked", async () => (await countOpenGates(system.store)) === RUNS && (await systemStatus(system.store)).runs.WAITING === RUNS, 120_000);
  await first.kill();
  await system.worker();

  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listGates(system.store, { status: "OPEN", limit: 200, ...(cursor && { cursor }) });
    for (const { id, fingerprint } of page.items) await decideGate(system.store, { id, outcome: "approved", fingerprint, actor: approver });
    cursor = page.nextCursor;
  }
  await until("every run is completed", async () => (await systemStatus(system.store)).runs.COMPLETED === RUNS, 120_000);
  const acts = (await readFile(path.join(system.dir, "acts.log"), "utf8")).split("\n").filter(Boolean).map((line) => line.replace(/^\d+ /, ""));
  expect(acts.filter((act) => act.startsWith("asked"))).toHaveLength(RUNS);
  expect(new Set(acts).size).toBe(2 * RUNS);
  expect(acts).toHaveLength(2 * RUNS);
});
