import type { CompensationPlan, Entry, Gate, Obligation, Run, Timer, Value, ValueChange } from "@tape/core";
import { claimWalks, getGate, getRun, nextReversal, readJournal, recordReversal, registerWorker, setValue } from "@tape/store";
import { makeEffect, makeGate, makeObligation, makeRun, makeTimer, openTestStore, parkOn, type TestStore } from "@tape/store/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { startTape, tape as tapeIn, type Ended } from "./testing/tape.ts";

let store: TestStore;
const variables = () => ({ DATABASE_URL: store.database.url });
const tape = (...args: string[]): Promise<Ended> => tapeIn(variables(), ...args);
const json = async <T>(...args: string[]): Promise<T> => {
  const { code, out, err } = await tape(...args, "--json");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as T;
};

beforeEach(async () => {
  store = await openTestStore();
  return () => store.close();
});

describe("cancel", () => {
  test("C1 a waiting run is cancelled and settled at once, with the reason and who; again: the same answer", async () => {
    const run = await makeRun(store, { status: "WAITING" });
    const gate = await makeGate(store, run.id, {});
    const { code, out } = await tape("cancel", run.id, "--reason", "wrong month");
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^${run.id} is cancelled by .+ by command line: “wrong month”\\. It is settled: no worker holds it\\.\n$`));
    expect(await getRun(store, { id: run.id })).toMatchObject({ status: "CANCELLED", cancelReason: "wrong month", cancelledBy: expect.stringMatching(/^cli:.+@.+$/) });
    expect((await getGate(store, { id: gate.id })).status).toBe("CANCELLED");
    expect(await tape("cancel", run.id, "--reason", "another reason")).toMatchObject({ code: 0, out });
  });

  test("C2 a driven run says which tool still runs, and --wait goes on until its driver has left", async () => {
    const run = await makeRun(store, { status: "RUNNING" });
    await makeEffect(store, run.id, { status: "PENDING", tool: "wire" });
    const waiting = startTape(variables(), "cancel", run.id, "--reason", "stop it", "--wait");
    await waiting.until(/still runs wire since \d\d:\d\d:\d\d UTC/);
    expect((await getRun(store, { id: run.id })).settledAt).toBeNull();
    await store.pool.query("UPDATE tape.runs SET owner = NULL, lease_expires_at = NULL, settled_at = tape.now() WHERE id = $1", [run.id]);
    expect(await waiting.ended).toMatchObject({ code: 0, out: expect.stringContaining("It is settled") });
  });

  test("C5 a run that has ended: 1, with its status and what to do instead", async () => {
    const run = await makeRun(store, { status: "COMPLETED" });
    expect(await tape("cancel", run.id, "--reason", "late")).toEqual({ code: 1, out: "", err: expect.stringMatching(/COMPLETED.*compensate/) });
    expect(await json<Run>("cancel", (await makeRun(store)).id, "--reason", "x")).toMatchObject({ status: "CANCELLED", settledAt: expect.any(String) });
  });
});

describe("compensate", () => {
  const amount = (value: string) => ({ amount: { amount: value, currency: "EUR" } });

  async function paid(status: "COMPLETED" | "RUNNING" = "COMPLETED") {
    const run = await makeRun(store, { status });
    for (const [n, sum] of ["100.00", "250.50"].entries()) await makeObligation(store, run.id, { request: amount(sum), result: { ref: `bank-${n}` }, summary: `Take back ${sum} EUR from Acme ${n}` });
    return run;
  }

  /** Walks it as a worker does; `refuse`: the bank's error for all. */
  async function walk(runId: string, { refuse }: { refuse?: string } = {}): Promise<void> {
    await registerWorker(store, { id: "wrk_walker", host: "here", pid: 1, lockKey: null, agents: [], tools: [{ app: "test", tool: "unwire", can: "compensate" }] });
    for (;;) {
      const [claim] = await claimWalks(store, { owner: "wrk_walker", compensators: [{ app: "test", compensator: "unwire" }], limit: 1, ttlMs: 60_000, sessionLocks: false, driven: [] });
      if (!claim) continue;
      const held = { runId, owner: "wrk_walker", epoch: claim.epoch };
      for (;;) {
        const next = await nextReversal(store, { ...held, compensators: ["unwire"] });
        if (next.to === "wait") await store.pool.query("UPDATE tape.obligations SET next_attempt_at = tape.now() WHERE run_id = $1 AND next_attempt_at IS NOT NULL", [runId]);
        else if (next.to !== "undo") return;
        else {
          const { id: obligationId, attempt } = next.obligation;
          const outcome = refuse === undefined ? { status: "compensated" as const, result: { ref: "back" } } : { status: "failed" as const, error: { name: "BankRefused", message: refuse } };
          if ((await recordReversal(store, { ...held, obligationId, attempt, outcome })).to === "stuck") return;
        }
      }
    }
  }

  test("O8 --plan lists in order what would be undone, with amounts, and does nothing", async () => {
    const run = await paid();
    await makeEffect(store, run.id, { tool: "wire" });
    const { code, out } = await tape("compensate", run.id, "--plan");
    expect(code).toBe(0);
    expect(out).toContain("2 reversals, newest first: 350.50 EUR back");
    expect(out).toMatch(/1 {2}can be undone +250\.50 EUR +Take back 250\.50 EUR from Acme 1.*\n2 {2}can be undone +100\.00 EUR +Take back 100\.00 EUR from Acme 0/);
    expect(out).toContain("no live worker has unwire");
    expect(out).toMatch(/It waits until the outcome is known of: wire \(eff_\w+, unknown\)/);
    expect(await json<CompensationPlan>("compensate", run.id, "--plan")).toMatchObject({ refusal: null, totals: [{ amount: "350.50", currency: "EUR" }], items: [{ obligation: { summary: "Take back 250.50 EUR from Acme 1" } }, {}] });
    expect((await getRun(store, { id: run.id })).status).toBe("COMPLETED");
  });

  test("O2 prints the walk as it goes, newest first, until it is compensated; again: 0, and nothing happens", async () => {
    const run = await paid();
    const asked = startTape(variables(), "compensate", run.id, "--reason", "paid twice");
    await asked.until(/Compensation asked for by .+ by command line: “paid twice”/);
    await walk(run.id);
    const { code, out } = await asked.ended;
    expect({ code, last: out.trimEnd().split("\n").at(-1) }).toEqual({ code: 0, last: `${run.id} is compensated.` });
    const undone = out.split("\n").filter((line) => /^\d\d:\d\d:\d\d {2}undone/.test(line));
    expect(undone.map((line) => / (\d+\.\d\d) EUR/.exec(line)?.[1])).toEqual(["250.50", "100.00"]);
    const { seq } = await getRun(store, { id: run.id });
    expect(await tape("compensate", run.id, "--reason", "again")).toMatchObject({ code: 0, out: expect.stringContaining("is compensated") });
    expect((await getRun(store, { id: run.id })).seq).toBe(seq);
  });

  test("O5 a walk that gives up exits 2 and says how to go on; resolve does, and status counts it until then", async () => {
    const run = await paid();
    const asked = startTape(variables(), "compensate", run.id, "--reason", "paid twice");
    await asked.until(/Compensation asked for/);
    await walk(run.id, { refuse: "the account is closed" });
    const { code, out } = await asked.ended;
    expect(code).toBe(2);
    expect(out).toContain("the account is closed");
    const [, obligationId = ""] = /tape resolve obligation (obl_\w+) --as/.exec(out) ?? [];

    const status = await tape("status");
    expect(status.code).toBe(2);
    expect(status.out).toContain(obligationId);
    expect(JSON.parse((await tape("status", "--json")).out)).toMatchObject({ stuckObligations: 1, obligations: [{ id: obligationId }], stuck: [{ id: run.id }], cancelling: 0, conflicts: 0 });
    expect((await tape("inspect", run.id)).out).toContain(`tape resolve obligation ${obligationId} --as`);
    expect((await tape("compensate", run.id, "--reason", "again")).code).toBe(1);

    expect(await tape("resolve", "obligation", obligationId, "--as", "confirmed", "--reason", "x")).toMatchObject({ code: 64, err: expect.stringContaining("done, retry, waived") });
    expect(await json<Obligation>("resolve", "obligation", obligationId, "--as", "waived", "--reason", "written off")).toMatchObject({ status: "WAIVED" });
    await walk(run.id);
    expect((await getRun(store, { id: run.id })).status).toBe("COMPENSATED");
    expect((await tape("status")).code).toBe(0);
  });

  test("a live run is refused before anything is asked; --no-wait asks and leaves", async () => {
    const live = await paid("RUNNING");
    expect(await tape("compensate", live.id, "--reason", "x")).toEqual({ code: 1, out: "", err: expect.stringContaining("cancel it first") });
    const run = await paid();
    const { code, out } = await tape("compensate", run.id, "--reason", "x", "--no-wait", "--json");
    expect({ code, status: (JSON.parse(out) as Run).status }).toEqual({ code: 0, status: "COMPENSATING" });
    expect((await getRun(store, { id: run.id })).status).toBe("COMPENSATING");
  });
});

test("status shows a cancelled run that a worker still holds", async () => {
  const run = await makeRun(store, { status: "CANCELLED", owner: "wrk_test" });
  const { code, out } = await tape("status");
  expect(code).toBe(0);
  expect(out).toContain("1 cancelled run is still held by a worker.");
  expect(await json<{ cancelling: number; cancelled: Run[] }>("status")).toMatchObject({ cancelling: 1, cancelled: [{ id: run.id }] });
});

test("gates extend gives an open gate more time, with the reason in its journal", async () => {
  const run = await makeRun(store);
  const gate = await makeGate(store, run.id, { display: { title: "Pay 5 invoices", fields: [] } });
  await parkOn(store, run.id, [{ on: "gate", gateId: gate.id, name: gate.name }]);
  const before = Date.now();
  const extended = await json<Gate>("gates", "extend", gate.id, "--by", "2h", "--reason", "she is travelling");
  expect(Date.parse(extended.deadlineAt ?? "") - before).toBeGreaterThan(7_100_000);
  expect((await readJournal(store, { runId: run.id })).items).toContainEqual(expect.objectContaining({ kind: "gate", verb: "extended", payload: expect.objectContaining({ reason: "she is travelling" }) }));
  expect((await tape("gates", "extend", gate.id, "--by", "30m", "--reason", "x")).out).toMatch(/^Pay 5 invoices: open until .+ UTC\.\n$/);
  expect((await tape("gates", gate.id)).out).toContain("Pay 5 invoices");
  await tape("approve", gate.id);
  expect((await tape("gates", "extend", gate.id, "--by", "30m", "--reason", "x")).code).toBe(1);
});

test("T2 timers are set, listed, set again and cancelled; one that has fired says so", async () => {
  const run = await makeRun(store, { status: "WAITING" });
  expect(await tape("timers", run.id)).toEqual({ code: 0, out: "", err: "The run has no timers.\n" });
  expect(await json<Timer>("timers", "set", run.id, "soft", "--kind", "redrive", "--in", "10m", "--payload", '{"deadline":"soft"}')).toMatchObject({ id: "soft", kind: "redrive", payload: { deadline: "soft" }, status: "ARMED" });
  expect((await tape("timers", "set", run.id, "soft", "--kind", "redrive", "--at", "2099-01-01T08:00:00Z")).out).toBe("soft: redrive, 1 Jan 2099, 08:00:00 UTC.\n");
  expect((await tape("timers", run.id)).out).toMatch(/^timer +kind +status +due\nsoft +redrive +armed +1 Jan 2099\n$/);
  expect((await json<{ items: Timer[] }>("timers", run.id)).items).toHaveLength(1);
  expect((await tape("timers", "cancel", run.id, "soft")).out).toBe("soft: cancelled.\n");
  const fired = await makeTimer(store, run.id, { kind: "ping" });
  await store.pool.query("UPDATE tape.timers SET status = 'FIRED' WHERE id = $1", [fired.id]);
  expect(await tape("timers", "cancel", run.id, fired.id)).toMatchObject({ code: 1, err: expect.stringContaining("fired") });
  expect(await tape("timers", "set", run.id, "t", "--kind", "wake", "--in", "1m")).toMatchObject({ code: 64 });
  expect(await tape("timers", "set", run.id, "t", "--kind", "ping")).toMatchObject({ code: 64, err: expect.stringContaining("--in or --at") });
});

describe("values", () => {
  test("V1 set, set, delete are versions 1, 2, 3; a stale version is refused with the present one", async () => {
    expect((await tape("values", "set", "team/a", "rate", '{"eur":1.08}')).out).toBe("version 1\n");
    expect((await tape("values", "set", "team/a", "rate", "2", "--if-version", "1")).out).toBe("version 2\n");
    expect(await tape("values", "set", "team/a", "rate", "3", "--if-version", "1")).toMatchObject({ code: 1, err: expect.stringContaining("2") });
    expect(await tape("values", "set", "team/a", "rate", "3", "--if-new")).toMatchObject({ code: 1 });
    expect(await tape("values", "set", "team/a", "rate", "nonsense")).toMatchObject({ code: 64, err: expect.stringContaining("not JSON") });
    expect((await tape("values", "get", "team/a", "rate")).out).toBe("2\n");
    expect(await json<Value>("values", "get", "team/a", "rate")).toMatchObject({ version: 2, value: 2, writer: expect.stringMatching(/^cli:/) });
    expect((await tape("values", "list")).out).toMatch(/^namespace +keys +written\nteam\/a +1 +/);
    expect((await tape("values", "list", "team/a")).out).toMatch(/^key +version +written +by\s+rate +v2 +.+ +2\n$/);
    expect((await tape("values", "delete", "team/a", "rate")).out).toBe("version 3, deleted\n");
    expect(await tape("values", "get", "team/a", "rate")).toEqual({ code: 1, out: "", err: "tape: There is no value rate in team/a: it was deleted, version 3.\n" });
    expect(await tape("values", "list")).toEqual({ code: 0, out: "", err: "Nothing has been written.\n" });
    expect((await tape("values", "set", "team/a", "rate", "4", "--if-new")).out).toBe("version 4\n");
  });

  test("V3 watch prints a line per version from where it is told, and ends cleanly on Ctrl-C", async () => {
    const write = (value: unknown) => setValue(store, { namespace: "runs/x", key: "progress", value, writer: "test" });
    await write({ done: 1 });
    const all = startTape(variables(), "values", "watch", "runs/x", "progress", "--from", "0", "--json");
    const fresh = startTape(variables(), "values", "watch", "runs/x", "progress");
    await all.until(/"version":1/);
    for (let done = 2; done <= 4; done++) await write({ done });
    await all.until(/"version":4/);
    await fresh.until(/v2 {2}\{"done":2\}|v4/).catch(() => write({ done: 5 }));
    all.child.kill("SIGINT");
    const { code, out, err } = await all.ended;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const changes = out.trim().split("\n").map((line) => JSON.parse(line) as ValueChange);
    expect(changes.slice(0, 4).map(({ version, prevVersion, value }) => [version, prevVersion, value])).toEqual([1, 2, 3, 4].map((n) => [n, n - 1, { done: n }]));
    fresh.child.kill("SIGINT");
    expect(await fresh.ended).toMatchObject({ code: 0, out: expect.not.stringContaining("v1 ") });
  });
});

describe("tail", () => {
  test("a run, in sentences, until it has ended", async () => {
    const run = await makeRun(store, { agent: "pay", status: "WAITING" });
    const tail = startTape(variables(), "tail", run.id);
    await tail.until(/started pay/);
    await tape("signal", run.id, "go");
    await tail.until(/go/);
    await tape("cancel", run.id, "--reason", "enough");
    const { code, out } = await tail.ended;
    expect(code).toBe(0);
    expect(out.trimEnd().split("\n").at(-1)).toContain("“enough”");
    const entries = (await tape("tail", run.id, "--json", "--from", "1")).out.trim().split("\n").map((line) => JSON.parse(line) as Entry);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, place) => place + 2));
    expect(await tape("tail", "run_nothing")).toMatchObject({ code: 1 });
  });

  test("without a run: a line per change of any run, and Ctrl-C ends it cleanly", async () => {
    const before = await makeRun(store, { agent: "old", status: "WAITING" });
    const tail = startTape(variables(), "tail");
    const lines = startTape(variables(), "tail", "--json");
    for (const each of [tail, lines]) await each.until(/Watching/);
    const run = await makeRun(store, { agent: "pay" });
    await tail.until(new RegExp(`${run.id} {2}pay {2}queued`));
    await tape("cancel", run.id, "--reason", "enough");
    await tail.until(new RegExp(`${run.id} {2}pay {2}cancelled {2}enough`));
    await lines.until(new RegExp(`"id":"${run.id}".*"status":"CANCELLED"`));
    for (const each of [tail, lines]) each.child.kill("SIGINT");
    const { code, out } = await tail.ended;
    expect(code).toBe(0);
    expect(out).not.toContain(before.id);
    expect((await lines.ended).code).toBe(0);
  });
});
