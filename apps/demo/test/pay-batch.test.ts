import { timeline } from "@tape/core";
import { decideGate, readJournal } from "@tape/store";
import { actors } from "@tape/store/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readLedger } from "../src/bank/ledger.ts";
import { toCents } from "../src/money/cents.ts";
import { prove } from "../src/proof/prove.ts";
import { ended, openGate, openWorld, shipped, type World } from "./testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
afterEach(async () => {
  await world.client.setFault({ mode: "none" });
  expect((await prove(world.store, world.place.ledgerFile)).differences).toEqual([]);
});

const sentencesOf = async (runId: string) => timeline((await readJournal(world.store, { runId, limit: 1000 })).items).filter((item) => !item.secondary).map(({ sentence }) => sentence);

const decide = (gate: Awaited<ReturnType<typeof openGate>>, outcome: "approved" | "rejected", comment?: string) =>
  decideGate(world.store, { id: gate.id, outcome, comment, fingerprint: gate.fingerprint, actor: actors.approver });

test("a batch below the limit is read, planned and paid without asking anybody", async () => {
  const runId = await world.start({ csv: await shipped("payments-3.csv"), file: "payments-3.csv" });
  const run = await ended(world.store, runId);
  expect(run).toMatchObject({
    status: "COMPLETED",
    output: { outcome: "paid", paid: 3, total: { amount: "1696.55", currency: "EUR" }, rejected: [], rejectedRows: 0, unpaid: [] },
  });
  expect(run.budget.spentMicroUsd).toBeGreaterThan(0);
  expect(await sentencesOf(runId)).toMatchInlineSnapshot(`
    [
      "app treasury started pay-batch",
      "Read 3 payments from payments-3.csv, 1,696.55 EUR",
      "Decided plan: 3 payments to 3 countries, country by country, the smallest sum first: a wrong account shows while little has been paid. · 235 tokens, 0.0014 USD",
      "Wired 96.15 EUR to Brabant Print BV",
      "Wired 420.00 EUR to Nordlicht AG",
      "Wired 1,180.40 EUR to Liffey Software Ltd",
      "Completed with 1,696.55 EUR",
    ]
  `);
});

test("a batch over the limit waits with a card, and pays what was approved", async () => {
  const booked = (await readLedger(world.place.ledgerFile)).length;
  const runId = await world.start({ csv: await shipped("payments-5.csv"), file: "payments-5.csv" });
  const gate = await openGate(world.store, runId);
  expect(gate).toMatchObject({ name: "cfo-approval", deadlineAt: expect.any(String), risk: "medium", assignees: [] });
  expect(gate.display).toMatchInlineSnapshot(`
    {
      "fields": [
        {
          "as": "money",
          "label": "Total",
          "path": "total",
        },
        {
          "as": "table",
          "label": "Payments",
          "path": "payments",
        },
        {
          "as": "text",
          "label": "To look at",
          "path": "notes",
        },
        {
          "as": "text",
          "label": "Order",
          "path": "rationale",
        },
        {
          "as": "money",
          "label": "Limit without approval",
          "path": "limit",
        },
        {
          "as": "text",
          "label": "File",
          "path": "file",
        },
      ],
      "onApprove": "5 wires to the bank, one after the other. What is booked can be reversed by compensating the run.",
      "onExpiry": "The backup approver is asked.",
      "onReject": "Nothing is paid, and the run ends with your comment.",
      "question": "payments-5.csv asks to pay 5 invoices. The total is over the limit of 10,000.00 EUR. Shall the bank be told to pay?",
      "title": "Pay 5 invoices, 18,420.50 EUR",
    }
  `);
  expect(gate.payload).toMatchObject({ count: 5, total: { amount: "18420.50", currency: "EUR" }, refusedRows: 0, more: null });
  expect(await readLedger(world.place.ledgerFile)).toHaveLength(booked);

  await decide(gate, "approved", "go");
  expect(await ended(world.store, runId)).toMatchObject({ status: "COMPLETED", output: { outcome: "paid", paid: 5, total: { amount: "18420.50", currency: "EUR" } } });
  const wires = (await readLedger(world.place.ledgerFile)).slice(booked);
  expect(wires.reduce((sum, { amount }) => sum + toCents(amount), 0n)).toBe(1_842_050n);
  expect(wires.map(({ key }) => key)).toEqual([1, 2, 3, 4, 5].map((n) => `${runId}//d1/wire/${n}`));
});

test("a rejection ends the run clearly, and nothing is paid", async () => {
  const booked = (await readLedger(world.place.ledgerFile)).length;
  const runId = await world.start({ csv: await shipped("payments-5.csv") });
  await decide(await openGate(world.store, runId), "rejected", "wrong month");
  expect(await ended(world.store, runId)).toMatchObject({
    status: "COMPLETED",
    output: { outcome: "rejected", title: "nothing paid, rejected by ann@example.com", paid: 0, total: null, decidedBy: actors.approver.id, comment: "wrong month" },
  });
  expect(await readLedger(world.place.ledgerFile)).toHaveLength(booked);
});

test("bad rows are on the card and in the report, by line and column, and only the good ones are paid", async () => {
  const runId = await world.start({ csv: await shipped("payments-bad.csv"), file: "payments-bad.csv", limit: { amount: "100.00", currency: "EUR" } });
  const gate = await openGate(world.store, runId);
  expect(gate.display?.fields.map(({ label }) => label)).toContain("Not paid: 7 rows of the file");
  expect(gate).toMatchObject({ risk: "high", payload: { count: 3, refusedRows: 7, total: { amount: "1362.30", currency: "EUR" } } });
  await decide(gate, "approved");
  const { output } = await ended(world.store, runId);
  expect(output).toMatchObject({ outcome: "partly_paid", title: "3 payments, 1,362.30 EUR; 7 rows could not be read", paid: 3, rejectedRows: 7 });
  expect(output.rejected).toHaveLength(9);
  expect(output.rejected[0]).toEqual({ line: 3, column: "IBAN", value: expect.any(String), reason: expect.stringContaining("check digits") });
});

test("a sum in another currency than the limit's is always asked for", async () => {
  const csv = (await shipped("payments-3.csv")).replace(",96.15,EUR", ",96.15,USD");
  const gate = await openGate(world.store, await world.start({ csv }));
  expect(gate.display?.title).toBe("Pay 3 invoices, 1,600.40 EUR and 96.15 USD");
  expect(gate.display?.fields.slice(0, 2)).toEqual([
    { label: "Total EUR", path: "totals.0", as: "money" },
    { label: "Total USD", path: "totals.1", as: "money" },
  ]);
  await decide(gate, "rejected");
});

test("a file that is no payment file fails the run with the reason", async () => {
  const run = await ended(world.store, await world.start({ csv: "a,b,c\n1,2,3\n", file: "wrong.csv" }));
  expect(run).toMatchObject({ status: "FAILED", error: { name: "PaymentFileError", message: expect.stringContaining("are missing") } });
});

test("a file with bad rows alone asks nobody and pays nothing", async () => {
  const run = await ended(world.store, await world.start({ csv: "creditor,iban,amount,currency,reference\nAcme,DE00,1,EUR,x\n" }));
  expect(run).toMatchObject({ status: "COMPLETED", output: { outcome: "nothing_paid", title: "nothing paid, 1 row could not be read", paid: 0, rejectedRows: 1 } });
});

test("a bank that is down for two tries is tried again under the same key", async () => {
  await world.client.setFault({ mode: "error", times: 2, match: "Liffey" });
  const runId = await world.start({ csv: await shipped("payments-3.csv") });
  expect(await ended(world.store, runId)).toMatchObject({ output: { outcome: "paid", paid: 3 } });
  const { items } = await readJournal(world.store, { runId, limit: 1000 });
  expect(items.filter(({ kind, verb }) => kind === "effect" && verb === "attempt_failed")).toHaveLength(2);
});

test("200 payments are paid once each, grouped as planned", { timeout: 60_000 }, async () => {
  const booked = (await readLedger(world.place.ledgerFile)).length;
  const runId = await world.start({ csv: await shipped("payments-200.csv"), limit: { amount: "500000.00", currency: "EUR" } });
  expect(await ended(world.store, runId)).toMatchObject({ output: { outcome: "paid", paid: 200, total: { amount: "234249.11", currency: "EUR" } } });
  const countries = (await readLedger(world.place.ledgerFile)).slice(booked).map(({ iban }) => iban.slice(0, 2));
  expect(countries.filter((country, place) => country !== countries[place - 1])).toEqual([...new Set(countries)]);
});
