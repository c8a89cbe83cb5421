import { cancelRun, compensateRun, getRun, listEffects, listObligations, readJournal, startRun } from "@tape/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { actsOf } from "../src/acts.ts";
import { openSystem, type System } from "../src/system.ts";
import { until } from "../src/until.ts";

let system: System;
beforeEach(async () => {
  system = await openSystem();
});
afterEach(() => system.close());

const operator = { id: "user:olga@example.com", email: "olga@example.com", role: "operator" } as const;
const read = (id: string) => getRun(system.store, { id });
const cancel = (id: string) => cancelRun(system.store, { id, reason: "wrong file", actor: operator });
const compensate = (id: string) => compensateRun(system.store, { id, reason: "take it back", actor: operator });
const effects = async (runId: string) => (await listEffects(system.store, { runId })).items.map(({ status }) => status);
const verbs = async (runId: string) => (await readJournal(system.store, { runId, limit: 1_000 })).items.map(({ kind, verb }) => `${kind}.${verb}`);

/** What bodies wrote: `begin A`, `move A`. */
const acts = async () => (await actsOf(system)).map(({ what, name }) => `${what} ${name}`);
const begun = async (act: string) => (await acts()).includes(act);

async function move(...transfers: { to: string; ms?: number; backMs?: number }[]): Promise<string> {
  const input = { transfers: transfers.map((transfer) => ({ ms: 0, ...transfer })) };
  const { run } = await startRun(system.store, { app: "e2e", agent: "moving", input, startedBy: "test" });
  return run.id;
}

test("C2 the signal of a body in another process is aborted when its run is cancelled; it goes on, its outcome is kept, nothing else begins", async () => {
  await system.worker();
  const id = await move({ to: "A", ms: 1_500 }, { to: "B" });
  await until("the body runs", () => begun("begin A"));
  expect(await cancel(id)).toMatchObject({ status: "CANCELLED", settledAt: null });
  await until("its signal is aborted", () => begun("aborted A"));
  await until("the run is settled", async () => (await read(id)).settledAt);
  expect(await acts()).toEqual(["begin A", "aborted A", "move A"]);
  expect(await effects(id)).toEqual(["CONFIRMED"]);
  expect((await verbs(id)).slice(-5)).toEqual(["run.cancelled", "run.cancel_noticed", "effect.confirmed", "obligation.registered", "run.settled"]);
});

test("C9 a run is cancelled and its worker killed before it noticed: recovery settles it, what was PENDING is UNKNOWN, and compensation can start", async () => {
  const first = await system.worker();
  const id = await move({ to: "A" }, { to: "B", ms: 60_000 });
  await until("the second body runs", () => begun("begin B"));
  // It stands still while the run is cancelled, so that it cannot notice, and then it is gone.
  first.signal("SIGSTOP");
  expect(await cancel(id)).toMatchObject({ status: "CANCELLED", settledAt: null });
  await first.kill();
  await system.worker();
  await until("recovery settles it", async () => (await read(id)).settledAt, 60_000);
  expect((await read(id)).cancelNoticedAt).toBeNull();
  expect(await compensate(id)).toMatchObject({ status: "COMPENSATING", endedAs: "CANCELLED" });
  expect(await effects(id)).toEqual(["CONFIRMED", "UNKNOWN"]);
  expect((await acts()).filter((line) => line.startsWith("begin"))).toHaveLength(2);
});

test("C4 a run that is cancelled while nobody drives it ends there: the worker that comes next calls nothing", async () => {
  const first = await system.worker();
  const id = await move({ to: "A", ms: 60_000 }, { to: "B" });
  await until("the body runs", () => begun("begin A"));
  await first.kill();
  await cancel(id);
  await system.worker();
  await until("it is settled", async () => (await read(id)).settledAt, 60_000);
  expect((await acts()).filter((line) => line.startsWith("begin"))).toHaveLength(1);
});

test("O6 a worker is killed inside a compensator: another runs it again under the same key, and every transfer is taken back", async () => {
  const first = await system.worker();
  const id = await move({ to: "A" }, { to: "B", backMs: 3_000 }, { to: "C" });
  await until("the run is completed", async () => (await read(id)).status === "COMPLETED");
  await compensate(id);
  await until("B is being taken back", () => begun("back-begin B"));
  await first.kill();
  await system.worker();
  await until("all is taken back", async () => (await read(id)).status === "COMPENSATED", 60_000);
  const back = (await actsOf(system)).filter(({ what }) => what.startsWith("back"));
  expect(back.map(({ what, name }) => `${what} ${name}`)).toEqual(["back-begin C", "back C", "back-begin B", "back-begin B", "back B", "back-begin A", "back A"]);
  expect(new Set(back.flatMap(({ name, rest }) => (name === "B" ? [rest] : []))).size).toBe(1);
  expect((await listObligations(system.store, { runId: id })).items.map(({ status }) => status)).toEqual(["COMPENSATED", "COMPENSATED", "COMPENSATED"]);
  const { items } = await readJournal(system.store, { runId: id, limit: 1_000 });
  expect(items.filter((entry) => entry.kind === "run" && entry.verb === "walk_claimed").map(({ payload }) => (payload as { owner: string }).owner)).toHaveLength(2);
});
