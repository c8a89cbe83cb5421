import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Run } from "@tape/core";
import { defineConfig, type AgentDefinition, type TapeConfig } from "@tape/sdk";
import { compensationPlan, decideGate, extendGate, getRun, listSinks, listTimers, readJournal, readVersions, sendSignal, setTimer } from "@tape/store";
import { actors, openTestStore, type TestStore } from "@tape/store/testing";
import { createWorker, type TapeWorker } from "@tape/worker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { research } from "./patterns/budget.ts";
import { payAll, undo } from "./patterns/compensate.ts";
import { release } from "./patterns/escalation.ts";
import kept from "./patterns/kept.config.ts";
import { importer } from "./patterns/long-batch.ts";
import { settle } from "./patterns/outbox.ts";
import { watchRates } from "./patterns/periodic.ts";
import { receive } from "./patterns/receiver.ts";
import { convert } from "./patterns/retry.ts";
import { chase } from "./patterns/soft-deadline.ts";
import { bank, clearing, ledger, letters, LEDGER_URL, model, rates, tape, type Invoice } from "./patterns/stand-ins.ts";
import treasury, { sweep } from "./patterns/tape.config.ts";
import { openGate, until as untilRun } from "./testing/world.ts";

const PATTERNS = path.join(import.meta.dirname, "patterns");
const README = path.resolve(import.meta.dirname, "..", "..", "..", "README.md");

test("each block of code in the README is one of the patterns that are run here, and each of those is in it", async () => {
  const readme = await readFile(README, "utf8");
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
  const files = (await readdir(PATTERNS)).filter((name) => name !== "stand-ins.ts");
  const regions = await Promise.all(files.map(async (name) => /^\/\/ #region\n(.*?)^\/\/ #endregion$/ms.exec(await readFile(path.join(PATTERNS, name), "utf8"))?.[1]));
  expect(blocks.length).toBeGreaterThan(5);
  expect([...blocks].sort()).toEqual([...regions].sort());
});

let store: TestStore;
let workers: TapeWorker[];
beforeAll(async () => {
  store = await openTestStore();
  const patterns = defineConfig({ tape, agents: [payAll, release, importer, watchRates, chase, research, convert, settle] as AgentDefinition[] });
  workers = [await started(patterns), await started(treasury)];
});
afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await store.close();
});

async function started(config: TapeConfig): Promise<TapeWorker> {
  const worker = createWorker({ store, config, options: { graceMs: 500 } });
  await worker.start();
  return worker;
}

const INVOICES: Invoice[] = [
  { to: "Acme", amount: "100.00" },
  { to: "Bolt", amount: "50.50" },
];
const until = (runId: string, isSo: (run: Run) => boolean) => untilRun(store, runId, isSo);
const over = (runId: string) => until(runId, ({ endedAt, status }) => endedAt !== null || status === "STUCK");
const decide = async (runId: string, name: string) => {
  const { id, fingerprint } = await openGate(store, runId, name);
  return decideGate(store, { id, fingerprint, outcome: "approved", actor: actors.operator });
};

describe("the README's code runs", () => {
  test("tape.config.ts: plans, waits for the approval, pays each once", async () => {
    const { id } = await treasury.tape.start(sweep, { invoices: INVOICES });
    const gate = await openGate(store, id);
    expect(gate.display).toMatchObject({ title: "Pay 150.50 EUR", onApprove: "The bank is told to pay." });
    await decide(id, "cfo-approval");
    expect(await over(id)).toMatchObject({ status: "COMPLETED", output: [expect.stringMatching(/^B-/), expect.stringMatching(/^B-/)] });
    expect(bank.booked().filter((says) => says === "100.00 to Acme")).toHaveLength(1);
  });

  test("compensate: what was paid is called back, newest first, with its sums in the plan", async () => {
    const before = bank.booked().length;
    const { id } = await tape.start(payAll, INVOICES);
    await until(id, ({ status }) => status === "WAITING");
    const plan = await compensationPlan(store, { id });
    expect(plan.totals).toEqual([{ amount: "150.50", currency: "EUR", count: 2 }]);
    expect(plan.items.map(({ obligation }) => obligation.summary)).toEqual([expect.stringMatching(/^Call back B-\d+: 50\.50 EUR from Bolt$/), expect.stringMatching(/^Call back B-\d+: 100\.00 EUR from Acme$/)]);
    await undo(id);
    expect(await until(id, ({ status }) => status === "COMPENSATED")).toMatchObject({ endedAs: "CANCELLED", cancelReason: "wrong file" });
    const [acme, bolt, ...back] = bank.booked().slice(before);
    expect([acme, bolt]).toEqual(["100.00 to Acme", "50.50 to Bolt"]);
    expect(back).toEqual([`back B-${before + 2}`, `back B-${before + 1}`]);
  });

  test("soft deadline: the timer cancels the run that waits too long, and no other", async () => {
    const late = await tape.start(chase, { to: "Acme", amount: "100.00" });
    const intime = await tape.start(chase, { to: "Bolt", amount: "50.50" });
    for (const { id } of [late, intime]) await until(id, ({ status }) => status === "WAITING");
    const [timer] = await listTimers(store, { runId: late.id });
    expect(Date.parse(timer?.fireAt ?? "") - Date.now()).toBeGreaterThan(29 * 86_400_000);
    await setTimer(store, { runId: late.id, id: "soft-deadline", kind: "redrive", inMs: 0, payload: timer?.payload, by: "test" });
    expect(await over(late.id)).toMatchObject({ status: "CANCELLED", cancelReason: "Acme never paid" });
    await sendSignal(store, { runId: intime.id, name: "paid", payload: "B-7", by: "test" });
    expect(await over(intime.id)).toMatchObject({ status: "COMPLETED", output: "B-7" });
    expect(letters).toContain("Bolt: 50.50 EUR are open");
  });

  test("escalation: the backup approver is asked when the first does not answer in time", async () => {
    const { id } = await tape.start(release, { total: "150.50" });
    const first = await openGate(store, id, "cfo-approval");
    await extendGate(store, { id: first.id, forMs: 100, reason: "the test has no two hours", actor: actors.operator });
    await decide(id, "backup-approval");
    expect(await over(id)).toMatchObject({ status: "COMPLETED", output: expect.stringMatching(/^150\.50 EUR released by user:/) });
    await expect(decideGate(store, { id: first.id, fingerprint: first.fingerprint, outcome: "approved", actor: actors.approver })).rejects.toMatchObject({ code: "already_decided" });
  });

  test("long batch: the bar has every step, and ends full", async () => {
    const { id } = await tape.start(importer, INVOICES);
    expect(await over(id)).toMatchObject({ status: "COMPLETED", output: 2, progress: { done: 2, total: 2, label: "Bolt" } });
    const versions = await readVersions(store, { namespace: `runs/${id}`, key: "progress", after: 0, limit: 10 });
    expect(versions.map(({ value }) => value)).toEqual([{ done: 1, total: 2, label: "Acme" }, { done: 2, total: 2, label: "Bolt" }]);
  });

  test("periodic: the timer arms itself again, until the run is told to stop", async () => {
    const { id } = await tape.start(watchRates, undefined);
    const looked = async (times: number) => {
      for (const deadline = Date.now() + 15_000; ; ) {
        const [timer] = await listTimers(store, { runId: id });
        const rates = await readVersions(store, { namespace: "rates", key: "EUR", after: 0, limit: 10 });
        if (rates.length >= times && timer?.status === "ARMED" && Date.parse(timer.fireAt) > Date.now() + 30_000) return rates;
        if (Date.now() > deadline) throw new Error(`it looked ${rates.length} times, the timer is ${timer?.status}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await looked(1);
    await setTimer(store, { runId: id, id: "tick", kind: "look-up-rates", inMs: 0, by: "test" });
    const rates = await looked(2);
    expect(rates[1]?.value).not.toBe(rates[0]?.value);
    await sendSignal(store, { runId: id, name: "stop", by: "test" });
    expect((await over(id)).status).toBe("COMPLETED");
    expect((await listTimers(store, { runId: id }))[0]?.status).toBe("CANCELLED");
  });

  test("budget: the model is not called over the cap, people are asked, and what they add is spent", async () => {
    const { id } = await tape.start(research, "why");
    const gate = await openGate(store, id, "more-budget");
    expect(gate.display?.title).toBe("“polish” would cost more than the 0.02 USD of this run");
    expect(model.calls).toBe(1);
    await decideGate(store, { id: gate.id, fingerprint: gate.fingerprint, outcome: "approved", values: { addMicroUsd: 10_000 }, actor: actors.operator });
    expect(await over(id)).toMatchObject({ status: "COMPLETED", output: "why!!", budget: { capMicroUsd: 30_000, spentMicroUsd: 24_000, reservedMicroUsd: 0 } });
    const refused = await tape.start(research, "why not");
    const { id: asked, fingerprint } = await openGate(store, refused.id, "more-budget");
    await decideGate(store, { id: asked, fingerprint, outcome: "rejected", actor: actors.operator });
    expect(await over(refused.id)).toMatchObject({ status: "FAILED", error: { name: "BudgetExceeded" } });
    expect(model.calls).toBe(3);
  });

  test("retry: tried again with jittered delays, but not what is of no use", async () => {
    rates.awayFor = 2;
    const { id } = await tape.start(convert, "EUR");
    expect(await over(id)).toMatchObject({ status: "COMPLETED", output: 1.08 });
    expect(rates.asked).toBe(3);
    const { items } = await readJournal(store, { runId: id });
    const delays = items.flatMap(({ verb, payload }) => (verb === "attempt_failed" ? [(payload as { retryInMs: number }).retryInMs] : []));
    for (const [place, most] of [200, 400].entries()) {
      expect(delays[place]).toBeLessThanOrEqual(most);
      expect(delays[place]).toBeGreaterThan(most / 2 - 1);
    }
    const wrong = await tape.start(convert, "XXX");
    expect(await over(wrong.id)).toMatchObject({ status: "FAILED" });
    expect(rates.asked).toBe(4);
  });

  test("outbox: a lost answer is asked after and not sent again; a second run with the same business is refused; it is called back by its connector", async () => {
    clearing.losing = 1;
    const { id } = await tape.start(settle, { to: "Acme", amount: "7.00" });
    expect(await over(id)).toMatchObject({ status: "COMPLETED", output: "C-1" });
    expect(clearing.booked.map(({ says }) => says)).toEqual(["7.00 to Acme"]);
    expect((await readJournal(store, { runId: id })).items.map(({ verb }) => verb)).toContain("unknown");
    const again = await tape.start(settle, { to: "Acme", amount: "7.00" });
    expect(await over(again.id)).toMatchObject({ status: "FAILED", error: { name: "BusinessKeyTaken" } });
    expect(clearing.booked).toHaveLength(1);
    await tape.compensateRun(id, { reason: "not theirs" });
    await until(id, ({ status }) => status === "COMPENSATED");
    expect(clearing.cancelled).toEqual(["C-1"]);
  });

  test("sinks and retention: every effect is told, signed, and what is old goes", async () => {
    const aged = async (days: number, status: "dropped" | "deleted") => {
      const { id } = await tape.start(settle, { to: status, amount: `${days}.00` });
      await over(id);
      for (const sql of ["UPDATE tape.runs SET ended_at = ended_at - $2 * interval '1 day' WHERE id = $1", "UPDATE tape.entries SET at = at - $2 * interval '1 day' WHERE run_id = $1"]) await store.pool.query(sql, [id, days]);
      return id;
    };
    const [thin, gone] = [await aged(40, "dropped"), await aged(500, "deleted")];
    workers.push(await started(kept));
    await until(thin, ({ input }) => input === null);
    await untilGone(gone);

    const door: number[] = [];
    ledger.answer = async (request) => {
      const answer = await receive(request);
      door.push(answer.status);
      return answer;
    };
    const { id } = await tape.start(settle, { to: "Bolt", amount: "8.00" });
    await over(id);
    const told = () => [...ledger.kept].flatMap(([event, { kind, verb }]) => (event.startsWith(id) ? [`${kind}.${verb}`] : []));
    for (const deadline = Date.now() + 15_000; told().length < 4 && Date.now() < deadline; ) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told()).toEqual(["effect.intended", "effect.in_flight", "effect.confirmed", "effect.delivered"]);
    expect(new Set(door)).toEqual(new Set([204]));
    expect((await fetch(LEDGER_URL, { method: "POST", body: "{}" })).status).toBe(401);
    expect(await listSinks(store)).toMatchObject([{ id: "ledger", status: "DELIVERING", attempts: 0, workers: 1 }]);
  });
});

async function untilGone(runId: string): Promise<void> {
  for (const deadline = Date.now() + 15_000; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const isThere = await getRun(store, { id: runId }).then(() => true, () => false);
    if (!isThere) return;
    if (Date.now() > deadline) throw new Error(`${runId} is still there`);
  }
}
