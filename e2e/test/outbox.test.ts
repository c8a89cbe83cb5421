import { writeFile } from "node:fs/promises";
import path from "node:path";
import { getRun, listEffects, readJournal, startRun } from "@tape/store";
import { afterEach, expect, test } from "vitest";
import { actsOf } from "../src/acts.ts";
import { openSystem, type System } from "../src/system.ts";
import { until } from "../src/until.ts";

let system: System;
afterEach(() => system.close());

const env = { TAPE_CONFIG: path.resolve(import.meta.dirname, "../agents/outbox.config.ts") };

async function pay(safe: boolean): Promise<string> {
  const { run } = await startRun(system.store, { app: "e2e-outbox", agent: "paying", input: { invoice: "inv-7", safe }, startedBy: "test" });
  return run.id;
}

const run = (id: string) => getRun(system.store, { id });
const effect = async (id: string) => (await listEffects(system.store, { runId: id })).items[0];
const wires = async () => (await actsOf(system)).filter(({ what }) => what === "wire");
const allow = (what: "may-answer" | "may-tell") => writeFile(path.join(system.dir, what), "");
const counted = async (id: string, verb: string) => (await readJournal(system.store, { runId: id, limit: 500 })).items.filter((entry) => entry.kind === "effect" && entry.verb === verb).length;

test("E5 a sender is killed -9 between the call and its record: UNKNOWN, not sent again; what the bank says of it settles it", async () => {
  system = await openSystem();
  const first = await system.worker({ env });
  const id = await pay(false);
  await until("the bank has the wire", async () => (await wires()).length === 1);
  await first.kill();
  expect(await effect(id)).toMatchObject({ status: "PENDING" });
  await system.worker({ env });
  await until("the effect is UNKNOWN", async () => (await effect(id))?.status === "UNKNOWN");
  await until("the bank was asked and could not tell", async () => (await counted(id, "observed")) >= 2);
  expect(await run(id)).toMatchObject({ status: "WAITING", whyWaiting: [{ code: "effect_unsettled" }] });
  await allow("may-tell");
  await until("the run is completed", async () => (await run(id)).status === "COMPLETED");
  expect((await run(id)).output).toBe("observed");
  expect(await wires()).toHaveLength(1);
});

test("E5 a sender is killed -9 and its effect is IDEMPOTENT: sent again with the same key", async () => {
  system = await openSystem();
  const first = await system.worker({ env });
  const id = await pay(true);
  await until("the bank has the wire", async () => (await wires()).length === 1);
  await first.kill();
  await allow("may-answer");
  await system.worker({ env });
  await until("the run is completed", async () => (await run(id)).status === "COMPLETED");
  const sent = await wires();
  expect(sent).toHaveLength(2);
  expect(sent[1]).toMatchObject({ name: sent[0]!.name });
  expect(await effect(id)).toMatchObject({ status: "CONFIRMED", attempts: 2 });
});

test("E6 a sender is stopped until it is taken for lost, then goes on: its confirmation is taken, and nobody sent it again", async () => {
  system = await openSystem();
  const first = await system.worker({ env });
  const id = await pay(false);
  await until("the bank has the wire", async () => (await wires()).length === 1);
  first.signal("SIGSTOP");
  await system.worker({ env });
  await until("the effect is UNKNOWN", async () => (await effect(id))?.status === "UNKNOWN", 60_000);
  await allow("may-answer");
  first.signal("SIGCONT");
  await until("the run is completed", async () => (await run(id)).status === "COMPLETED", 60_000);
  expect((await run(id)).output).toBe("answered");
  expect(await wires()).toHaveLength(1);
  expect(await counted(id, "confirmed")).toBe(1);
});
