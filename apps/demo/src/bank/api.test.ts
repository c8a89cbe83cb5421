import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AnswerLost, BankAway, BankRefused, createBankClient, type BankClient } from "./client.ts";
import { readLedger } from "./ledger.ts";
import { startBank, type RunningBank } from "./start.ts";
import { aPlace, aWire } from "./testing.ts";

let place: Awaited<ReturnType<typeof aPlace>>;
let bank: RunningBank;
let client: BankClient;

beforeEach(async () => {
  place = await aPlace();
  bank = await startBank({ place, crash: () => {} });
  client = createBankClient({ addressFile: place.addressFile });
});
afterEach(async () => {
  await bank.close();
  await place.remove();
});

const post = (body: unknown, headers: Record<string, string> = { "idempotency-key": "key" }) =>
  fetch(`${bank.url}/wires`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) });

describe("idempotency", () => {
  test("the same key and body answer what was recorded, and book once", async () => {
    const first = await post(aWire);
    const second = await post(aWire);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(await second.json()).toEqual(await first.json());
    expect(await readLedger(place.ledgerFile)).toHaveLength(1);
  });

  test("twenty at once under one key book once", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.sendWire("key", aWire)));
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(["BNK-000001"]));
    expect(await readLedger(place.ledgerFile)).toHaveLength(1);
  });

  test("another body under the same key is a conflict and changes nothing", async () => {
    await client.sendWire("key", aWire);
    for (const other of [{ ...aWire, reference: "INV-1002" }, { ...aWire, amount: { ...aWire.amount, amount: "1240.01" } }]) {
      expect((await post(other)).status).toBe(409);
      await expect(client.sendWire("key", other)).rejects.toThrow(BankRefused);
    }
    expect(await readLedger(place.ledgerFile)).toHaveLength(1);
  });

  test("keys as Tape makes them are found again, slashes and all", async () => {
    const key = "run_01KA000000000000000000ABCD//d1/wire/1";
    const booked = await client.sendWire(key, aWire);
    expect(await client.findWire(key)).toEqual(booked);
    expect(await client.findWire("run_01KA000000000000000000ABCD//d1/wire/2")).toBeUndefined();
    expect(await client.ledger()).toEqual([booked]);
  });
});

describe("reversals", () => {
  test("a wire is taken back once, however often and under however many keys it is asked for", async () => {
    const booked = await client.sendWire("key", aWire);
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.reverseWire("key/undo/1", booked.id)));
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(["BNK-000002"]));
    expect(answers[0]).toMatchObject({ reverses: booked.id, ...aWire });
    await expect(client.reverseWire("key/undo/2", booked.id)).rejects.toThrow(/already/);
    expect(await client.ledger()).toEqual([booked, answers[0]]);
  });

  test("no wire, no reference, somebody else's key: refused, and nothing is booked", async () => {
    const booked = await client.sendWire("key", aWire);
    await expect(client.reverseWire("undo", "BNK-000009")).rejects.toThrow(BankRefused);
    await expect(client.reverseWire("undo", "nothing")).rejects.toThrow("BNK-000001");
    await expect(client.reverseWire("key", booked.id)).rejects.toThrow("belongs to BNK-000001");
    const reversed = await client.reverseWire("undo", booked.id);
    await expect(client.reverseWire("other", reversed.id)).rejects.toThrow("no wire BNK-000002");
    await expect(client.sendWire("undo", aWire)).rejects.toThrow("belongs to BNK-000002");
    expect(await client.findWire("undo")).toBeUndefined();
    expect(await readLedger(place.ledgerFile)).toHaveLength(2);
  });

  test("a fault may strike reversals only, and a lost answer is found again under its key", async () => {
    await client.setFault({ mode: "lost-ack", on: "reversals", times: 1 });
    const booked = await client.sendWire("key", aWire);
    await expect(client.reverseWire("undo", booked.id)).rejects.toThrow(AnswerLost);
    expect(await client.reverseWire("undo", booked.id)).toMatchObject({ id: "BNK-000002", reverses: booked.id });
    expect(await readLedger(place.ledgerFile)).toHaveLength(2);
  });
});

describe("validation", () => {
  test.each([
    ["no key", aWire, {}, "Idempotency-Key"],
    ["a key too long", aWire, { "idempotency-key": "k".repeat(256) }, "Idempotency-Key"],
    ["no JSON", "{", undefined, "expected object"],
    ["an empty body", "", undefined, "expected object"],
    ["a field too many", { ...aWire, note: "x" }, undefined, "note"],
    ["a field too few", { ...aWire, reference: undefined }, undefined, "reference"],
    ["a number for money", { ...aWire, amount: { amount: 1240, currency: "EUR" } }, undefined, "amount.amount"],
    ["three decimals", { ...aWire, amount: { amount: "1.001", currency: "EUR" } }, undefined, "amount.amount"],
    ["no decimals", { ...aWire, amount: { amount: "1", currency: "EUR" } }, undefined, "amount.amount"],
    ["nothing", { ...aWire, amount: { amount: "0.00", currency: "EUR" } }, undefined, "more than zero"],
    ["less than nothing", { ...aWire, amount: { amount: "-1.00", currency: "EUR" } }, undefined, "amount.amount"],
    ["an unknown currency", { ...aWire, amount: { amount: "1.00", currency: "XYZ" } }, undefined, "must be one of"],
    ["a mistyped account", { ...aWire, iban: "DE89370400440532013001" }, undefined, "check digits"],
    ["two lines", { ...aWire, creditor: "Acme\nGmbH" }, undefined, "one line"],
  ])("%s is refused, says what, and books nothing", async (_, body, headers, message) => {
    const response = await post(body, headers);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { code: string; message: string; booked: boolean } };
    expect(error).toMatchObject({ code: "invalid_input", booked: false });
    expect(error.message).toContain(message);
    expect(await readLedger(place.ledgerFile)).toEqual([]);
  });

  test("a large body is refused", async () => {
    expect((await post({ ...aWire, reference: "x".repeat(70_000) })).status).toBe(413);
  });

  test("what a page in a browser could send unasked is refused", async () => {
    expect((await post(aWire, { "idempotency-key": "key", "content-type": "text/plain" })).status).toBe(415);
    expect((await fetch(`${bank.url}/stop`, { method: "POST" })).status).toBe(415);
    expect(await readLedger(place.ledgerFile)).toEqual([]);
  });

  test("an unknown address and an unknown fault are said", async () => {
    expect((await fetch(`${bank.url}/nothing`)).status).toBe(404);
    await expect(client.setFault({ mode: "fire" as "none" })).rejects.toThrow("mode");
    await expect(client.setFault({ mode: "slow", times: 0 })).rejects.toThrow("times");
  });
});

describe("faults", () => {
  test("error: nothing is booked, and the same wire goes through afterwards", async () => {
    await client.setFault({ mode: "error", times: 2 });
    await expect(client.sendWire("key", aWire)).rejects.toThrow(BankAway);
    await expect(client.sendWire("key", aWire)).rejects.toThrow(BankAway);
    expect(await client.findWire("key")).toBeUndefined();
    expect((await client.sendWire("key", aWire)).id).toBe("BNK-000001");
    expect(await client.fault()).toMatchObject({ mode: "none" });
  });

  test("lost-ack: the connection drops, the wire is booked, asking again books nothing more", async () => {
    await client.setFault({ mode: "lost-ack", times: 1 });
    await expect(client.sendWire("key", aWire)).rejects.toThrow(AnswerLost);
    expect(await client.findWire("key")).toMatchObject({ id: "BNK-000001", ...aWire });
    expect((await client.sendWire("key", aWire)).id).toBe("BNK-000001");
    expect(await readLedger(place.ledgerFile)).toHaveLength(1);
  });

  test("slow: an answer that comes too late is lost, and the wire is booked all the same", async () => {
    await client.setFault({ mode: "slow", delayMs: 300, times: 1 });
    const hasty = createBankClient({ addressFile: place.addressFile, timeoutMs: 100 });
    await expect(hasty.sendWire("key", aWire)).rejects.toThrow(AnswerLost);
    expect(await hasty.findWire("key")).toBeUndefined();
    await expect.poll(() => client.findWire("key")).toMatchObject(aWire);
  });

  test("a match strikes only that creditor", async () => {
    await client.setFault({ mode: "error", match: "acme" });
    await expect(client.sendWire("one", aWire)).rejects.toThrow(BankAway);
    await client.sendWire("two", { ...aWire, creditor: "Bolt AG" });
    await expect(client.sendWire("one", aWire)).rejects.toThrow(BankAway);
    await client.setFault({ mode: "none" });
    await client.sendWire("one", aWire);
  });

  test("a bank that is away is no lost answer: nothing was sent", async () => {
    await bank.close();
    await expect(client.sendWire("key", aWire)).rejects.toThrow(BankAway);
    await expect(client.findWire("key")).rejects.toThrow(BankAway);
    const unknown = createBankClient({ addressFile: `${place.addressFile}.missing` });
    await expect(unknown.findWire("key")).rejects.toThrow("npm start");
  });
});
