import { writeFile, mkdtemp } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Gate, Run } from "@tape/core";
import { createTestDatabase } from "@tape/prisma/testing";
import { getRun, readJournal, registerWorker } from "@tape/store";
import { makeEffect, makeGate, makeRun, openTestStore, parkOn, type TestStore } from "@tape/store/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { spawnTape, tape as tapeIn, type Ended } from "./testing/tape.ts";

let store: TestStore;
const tape = (...args: string[]): Promise<Ended> => tapeIn({ DATABASE_URL: store.database.url }, ...args);
const json = async <T>(...args: string[]): Promise<T> => {
  const { code, out, err } = await tape(...args, "--json");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as T;
};

beforeEach(async () => {
  store = await openTestStore();
  return () => store.close();
});

describe("status", () => {
  test("nothing to do: 0", async () => {
    expect(await tape("status")).toMatchObject({ code: 0, out: expect.stringContaining("No runs yet; 0 workers alive") });
    await makeRun(store, { status: "COMPLETED" });
    expect((await tape("status")).code).toBe(0);
  });

  test("what keeps failing to be sent: 1, with what it is and how often it was tried", async () => {
    const run = await makeRun(store);
    const effect = await makeEffect(store, run.id, { status: "PENDING", dispatch: "OUTBOX", tool: "pay", needsPerson: true });
    await store.pool.query("UPDATE tape.effects SET attempts = 10");
    const { code, out } = await tape("status");
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`Not sent: failed, or confirmed another way\\n${effect.id} .*pay: to acme, 9 attempts failed`));
    expect((await tape("resolve", "effect", effect.id, "--as", "failed", "--reason", "called them")).code).toBe(0);
    expect((await tape("status")).code).toBe(0);
  });

  test("UNKNOWN: 1, STUCK: 2, and STUCK wins; both in a process of its own, with JSON that says the same", async () => {
    const run = await makeRun(store, { status: "WAITING" });
    const effect = await makeEffect(store, run.id, { request: { amount: { amount: "12.00", currency: "EUR" }, creditor: "Acme" } });
    const variables = { DATABASE_URL: store.database.url };
    expect(await spawnTape({ variables }, "status")).toMatchObject({ code: 1, err: "", out: expect.stringContaining(effect.id) });

    const stuck = await makeRun(store, { status: "STUCK" });
    const { code, out } = await spawnTape({ variables }, "status", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      stuckRuns: 1,
      unknownEffects: 1,
      stuck: [{ id: stuck.id }],
      effects: [{ id: effect.id, status: "UNKNOWN" }],
      waiting: [{ id: run.id }],
    });
  });

  test("open gates and cancelled runs are shown, and are nothing wrong", async () => {
    const run = await makeRun(store);
    const gate = await makeGate(store, run.id, { display: { title: "Pay 5 invoices, 18,420.50 EUR", fields: [] } });
    await parkOn(store, run.id, [{ on: "gate", gateId: gate.id, name: gate.name }]);
    const cancelled = await makeRun(store, { status: "CANCELLED" });
    const { code, out } = await tape("status");
    expect(code).toBe(0);
    for (const text of [gate.id, "Pay 5 invoices, 18,420.50 EUR", cancelled.id, "wrong file"]) expect(out).toContain(text);
  });
});

describe("runs", () => {
  test("filters, pages, JSON as the API has it", async () => {
    const first = await makeRun(store, { agent: "pay", labels: { batch: "may" } });
    const second = await makeRun(store, { agent: "sweep", status: "COMPLETED" });
    const ids = async (...args: string[]) => (await json<{ items: Run[] }>("runs", ...args)).items.map(({ id }) => id);
    expect(await ids()).toEqual([second.id, first.id]);
    expect(await ids("--agent", "pay")).toEqual([first.id]);
    expect(await ids("--status", "completed")).toEqual([second.id]);
    expect(await ids("--status", "RUNNABLE,COMPLETED")).toEqual([second.id, first.id]);
    expect(await ids("--label", "batch=may")).toEqual([first.id]);
    expect(await ids("--search", first.id.slice(0, 28))).toEqual([first.id]);
    expect(await ids("--since", "1h")).toHaveLength(2);
    const page = await json<{ items: Run[]; nextCursor: string }>("runs", "--limit", "1");
    expect(await ids("--limit", "1", "--cursor", page.nextCursor)).toEqual([first.id]);
    expect((await tape("runs")).out).toMatch(new RegExp(`^run +agent +status +begun\\n${second.id} +sweep +completed`));
    expect(await tape("runs", "--agent", "nobody")).toEqual({ code: 0, out: "", err: "No runs match.\n" });
    expect((await tape("runs", "--cursor", "?")).code).toBe(64);
  });

  test("text from outside cannot command the terminal", async () => {
    const evil = "\u001b[2J\u009b31mpay\u202e";
    await makeRun(store, { agent: evil, labels: { "\u001b]0;x\u0007": "\u009b" } });
    const run = await makeRun(store, { agent: evil, status: "CANCELLED" });
    const outputs = [await tape("runs"), await tape("status"), await tape("inspect", run.id), await tape("runs", "--json"), await tape("inspect", run.id, "--json")];
    for (const { out } of outputs) expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});

describe("inspect", () => {
  test("where it is and why, its journal in sentences, what can be done", async () => {
    const run = await makeRun(store, { agent: "pay", labels: { batch: "may" } });
    const gate = await makeGate(store, run.id, { display: { title: "Pay 5 invoices", fields: [] } });
    await parkOn(store, run.id, [{ on: "gate", gateId: gate.id, name: gate.name }]);
    const { code, out } = await tape("inspect", run.id);
    expect(code).toBe(0);
    for (const text of ["waiting for a person", "batch=may", "Pay 5 invoices", `tape approve ${gate.id}`]) expect(out).toContain(text);
    const { run: read, journal } = await json<{ run: Run; journal: { seq: number }[] }>("inspect", run.id);
    expect(read.id).toBe(run.id);
    expect(journal.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test("an unknown run: 1 and one line", async () => {
    expect(await tape("inspect", "run_nothing")).toEqual({ code: 1, out: "", err: "tape: There is no run run_nothing.\n" });
  });
});

describe("gates, approve, reject", () => {
  const DISPLAY = {
    title: "Pay 2 invoices, 30.00 EUR",
    question: "Shall we?",
    fields: [
      { label: "Total", path: "total", as: "money" as const },
      { label: "Payments", path: "rows", as: "table" as const },
      { label: "Notes", path: "notes", as: "text" as const },
    ],
    onApprove: "It is paid.",
  };
  const PAYLOAD = {
    total: { amount: "30.00", currency: "EUR" },
    rows: [
      { creditor: "Acme", amount: { amount: "10.00", currency: "EUR" } },
      { creditor: "Bolt", amount: { amount: "20.00", currency: "EUR" } },
    ],
    notes: "first\nsecond",
  };

  async function open(shape: Parameters<typeof makeGate>[2] = {}) {
    const run = await makeRun(store);
    const gate = await makeGate(store, run.id, { display: DISPLAY, payload: PAYLOAD, ...shape });
    await parkOn(store, run.id, [{ on: "gate", gateId: gate.id, name: gate.name }]);
    return gate;
  }

  test("gates lists what is open, and shows a whole card", async () => {
    const gate = await open();
    expect((await tape("gates")).out).toContain("Pay 2 invoices, 30.00 EUR");
    expect((await json<{ items: Gate[] }>("gates")).items).toHaveLength(1);
    const { out } = await tape("gates", gate.id);
    expect(out).toContain("Total  30.00 EUR");
    expect(out).toMatch(/creditor +amount\nAcme +10\.00 EUR\nBolt +20\.00 EUR/);
    expect(out).toMatch(/Notes +first\n +second/);
    expect(out).toContain("Approve  It is paid.");
    expect(await tape("gates", "--status", "decided")).toEqual({ code: 0, out: "", err: "No such gates.\n" });
  });

  test("approve shows the card, decides on it, and wakes the run; the second decision is told who was first", async () => {
    const gate = await open();
    const { code, out } = await tape("approve", gate.id, "--comment", "go");
    expect(code).toBe(0);
    expect(out).toContain("Total  30.00 EUR");
    expect(out).toMatch(/Pay 2 invoices, 30\.00 EUR: approved by .* by command line: “go”\.\n$/);
    expect((await getRun(store, { id: gate.runId })).status).toBe("RUNNABLE");
    const { items } = await readJournal(store, { runId: gate.runId });
    expect(items.at(-1)).toMatchObject({ kind: "gate", verb: "decided", payload: { decidedBy: expect.stringMatching(/^cli:.+@.+$/), comment: "go" } });

    const late = await tape("reject", gate.id);
    expect(late).toMatchObject({ code: 1, err: expect.stringMatching(/^tape: .*approved.*\n$/) });
  });

  test("reject with a comment, as JSON, in a process of its own", async () => {
    const gate = await open();
    const { code, out, err } = await spawnTape({ variables: { DATABASE_URL: store.database.url } }, "reject", gate.id, "--comment", "no", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ id: gate.id, status: "DECIDED", outcome: "rejected", comment: "no" });
    expect(err).toContain("Shall we?");
  });

  test("--fingerprint insists on the card that was seen", async () => {
    const gate = await open();
    expect(await tape("approve", gate.id, "--fingerprint", "0".repeat(64))).toMatchObject({ code: 1, err: expect.stringContaining(gate.fingerprint) });
    expect((await tape("approve", gate.id, "--fingerprint", gate.fingerprint)).code).toBe(0);
  });

  test("a form's values are checked", async () => {
    const gate = await open({ form: [{ name: "account", label: "Account", type: "text", required: true }] });
    expect((await tape("approve", gate.id)).code).toBe(64);
    expect((await tape("approve", gate.id, "--values", "[1]")).code).toBe(64);
    expect((await tape("approve", gate.id, "--values", '{"account":"main"}')).code).toBe(0);
  });
});

describe("start", () => {
  const schema = { type: "object", properties: { csv: { type: "string", format: "csv" }, file: { type: "string" }, limit: { type: "object" } } };

  beforeEach(async () => {
    await registerWorker(store, workerWith(schema));
  });

  test("by --input, with labels and an invocation; the same again is the same run, another input a conflict", async () => {
    const run = await json<Run & { resumed: boolean }>("start", "pay-batch", "--input", '{"csv":"x"}', "--invocation-id", "may", "--label", "batch=may", "--label", "a=b=c");
    expect(run).toMatchObject({ app: "treasury", agent: "pay-batch", input: { csv: "x" }, invocationId: "may", labels: { batch: "may", a: "b=c" }, resumed: false });
    expect(await json("start", "pay-batch", "--input", '{"csv":"x"}', "--invocation-id", "may")).toMatchObject({ id: run.id, resumed: true });
    expect(await tape("start", "pay-batch", "--input", '{"csv":"y"}', "--invocation-id", "may")).toMatchObject({ code: 1, err: expect.stringContaining("may") });
  });

  test("--file fills the field that takes a file, and names it", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "tape-cli-"));
    const file = path.join(folder, "may.csv");
    await writeFile(file, "\ufeffcreditor,iban\nx,y\n");
    const run = await json<Run>("start", "pay-batch", "--file", file, "--input", '{"limit":{"amount":"1.00","currency":"EUR"}}');
    expect(run.input).toEqual({ csv: "creditor,iban\nx,y\n", file: "may.csv", limit: { amount: "1.00", currency: "EUR" } });
    await writeFile(file, '{"csv":"from a file"}');
    expect((await json<Run>("start", "pay-batch", "--input", `@${file}`)).input).toEqual({ csv: "from a file" });
  });

  test("--file - reads stdin, in a process of its own", async () => {
    const { code, out } = await spawnTape({ variables: { DATABASE_URL: store.database.url }, input: "a,b\n" }, "start", "pay-batch", "--file", "-", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ input: { csv: "a,b\n" }, startedBy: expect.stringMatching(/^cli:/) });
  });

  test.each([
    [["--input", "{"], "--input is not JSON"],
    [["--input", "@/nonexistent"], "there is no such file"],
    [["--file", "/nonexistent.csv"], "there is no such file"],
    [["--file", os.tmpdir()], "that is a folder"],
    [["--file", "-", "--input", "3"], "JSON object"],
    [["--label", "novalue", "--input", "{}"], "a label is name=value"],
  ])("%j is refused with 64, and nothing is started", async (args, message) => {
    expect(await tape("start", "pay-batch", ...args)).toMatchObject({ code: 64, out: "", err: expect.stringContaining(message) });
    expect((await json<{ items: Run[] }>("runs")).items).toEqual([]);
  });

  test("an agent nobody has: 1, and which there are", async () => {
    expect(await tape("start", "pay-bach", "--input", "{}")).toEqual({ code: 1, out: "", err: "tape: No worker has an agent pay-bach. There is: pay-batch.\n" });
  });
});

describe("signal, redrive, resolve", () => {
  test("a signal wakes the run that waits for it; one to an ended run is refused", async () => {
    const run = await makeRun(store, { status: "WAITING" });
    expect(await tape("signal", run.id, "go", '{"n":1}')).toEqual({ code: 0, out: `Sent go to ${run.id}.\n`, err: "" });
    expect((await readJournal(store, { runId: run.id })).items.at(-1)).toMatchObject({ kind: "signal", verb: "received", payload: { name: "go", payload: { n: 1 } } });
    expect((await tape("signal", run.id, "go", "{")).code).toBe(64);
    const done = await makeRun(store, { status: "COMPLETED" });
    expect(await tape("signal", done.id, "go")).toMatchObject({ code: 1, err: expect.stringContaining("COMPLETED") });
  });

  test("redrive takes a stuck run back, with its reason in the journal", async () => {
    const run = await makeRun(store, { status: "STUCK" });
    expect(await tape("redrive", run.id, "--reason", "fixed the code")).toMatchObject({ code: 0, out: `${run.id}  queued\n` });
    expect((await readJournal(store, { runId: run.id })).items.at(-1)).toMatchObject({ verb: "redriven", payload: { reason: "fixed the code" } });
    expect((await tape("redrive", run.id, "--reason", "again")).code).toBe(1);
  });

  test.each(["confirmed", "failed", "retry"])("resolve an UNKNOWN effect as %s", async (outcome) => {
    const run = await makeRun(store, { status: "WAITING" });
    const effect = await makeEffect(store, run.id);
    const result = outcome === "confirmed" ? ["--result", '{"ref":"B-1"}'] : [];
    const { code, out } = await tape("resolve", "effect", effect.id, "--as", outcome, "--reason", "called the bank", ...result, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ id: effect.id, status: { confirmed: "CONFIRMED", failed: "FAILED", retry: "PENDING" }[outcome] });
  });

  test("--result without confirmed is refused", async () => {
    expect(await tape("resolve", "effect", "eff_1", "--as", "failed", "--reason", "x", "--result", "{}")).toMatchObject({ code: 64, err: expect.stringContaining("--as confirmed only") });
  });
});

test("token create prints the secret alone on stdout", async () => {
  const { code, out, err } = await tape("token", "create", "--name", "ci", "--role", "operator", "--expires", "90d");
  expect(code).toBe(0);
  expect(out).toMatch(/^\S{20,}\n$/);
  expect(err).toContain("Token ci, operator, until 2");
  expect(await json("token", "create", "--name", "ci2", "--role", "viewer")).toMatchObject({ name: "ci2", role: "viewer", expiresAt: null, secret: expect.any(String) });
});

test("sign-in prints a link on a line of its own", async () => {
  expect((await tape("sign-in")).out).toMatch(/^http:\/\/127\.0\.0\.1:3000\/sign-in\?token=\S+\n$/);
  expect((await tape("sign-in", "--url", "https://tape.example.com")).out).toMatch(/^https:\/\/tape\.example\.com\/sign-in\?token=\S+\n$/);
  expect((await tape("sign-in", "--email", "ann@example.com")).code).toBe(1);
  expect((await tape("sign-in", "--email", "ann@example.com", "--role", "approver")).code).toBe(0);
});

describe("migrate and doctor", () => {
  test("migrate makes the tables of an empty database, and then has nothing to do", async () => {
    const empty = await createTestDatabase();
    try {
      await empty.pool().query("drop schema tape cascade");
      const variables = { DATABASE_URL: empty.url };
      expect(await tapeIn(variables, "status")).toMatchObject({ code: 69, err: expect.stringContaining("run tape migrate") });
      expect((await tapeIn(variables, "migrate")).out).toMatch(/^Applied 0001_accounts, /);
      expect(await tapeIn(variables, "migrate")).toEqual({ code: 0, out: "The tables are up to date.\n", err: "" });
      expect((await tapeIn(variables, "status")).code).toBe(0);
    } finally {
      await empty.drop();
    }
  });

  test("doctor says what is well and what to do about the rest", async () => {
    const { code, out } = await tape("doctor", "--json");
    expect(code).toBe(1);
    const findings = JSON.parse(out) as { what: string; ok: boolean; todo: string | null }[];
    expect(Object.fromEntries(findings.map(({ what, ok }) => [what, ok]))).toMatchObject({ Node: true, Database: true, Tables: true, Clock: true, Worker: false, Console: false });
    for (const { ok, todo } of findings) expect(todo === null).toBe(ok);
    expect((await tape("doctor")).out).toContain("→ Run tape worker, or npm start.");
  });

  test("doctor without a database is still an answer", async () => {
    expect(await tapeIn({}, "doctor")).toMatchObject({ code: 1, out: expect.stringContaining("npm start") });
  });
});

function workerWith(inputSchema: unknown) {
  return { id: "wrk_TEST", host: "here", pid: 1, lockKey: null, tools: [], agents: [{ app: "treasury", agent: "pay-batch", version: "1", pinned: false, title: null, inputSchema }] };
}
