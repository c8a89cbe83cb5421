import { appendFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AlreadyReversed, openLedger, readLedger } from "./ledger.ts";
import { aPlace, aWire } from "./testing.ts";

let place: Awaited<ReturnType<typeof aPlace>>;
beforeEach(async () => {
  place = await aPlace();
});
afterEach(() => place.remove());

async function bookSome(count: number): Promise<void> {
  const ledger = await openLedger(place.ledgerFile);
  for (let n = 1; n <= count; n++) await ledger.book(`key-${n}`, aWire);
  await ledger.close();
}

test("what was booked is there after the file is opened again", async () => {
  await bookSome(3);
  const ledger = await openLedger(place.ledgerFile);
  expect(ledger.list().map(({ id, key }) => [id, key])).toEqual([
    ["BNK-000001", "key-1"],
    ["BNK-000002", "key-2"],
    ["BNK-000003", "key-3"],
  ]);
  expect(await ledger.find("key-2")).toMatchObject(aWire);
  expect(ledger.find("key-4")).toBeUndefined();
  await ledger.close();
});

test("wires booked at once are each in the file once, in the order of their ids", async () => {
  const ledger = await openLedger(place.ledgerFile);
  const booked = await Promise.all(Array.from({ length: 250 }, (_, n) => ledger.book(`key-${n}`, aWire)));
  await ledger.close();
  expect(new Set(booked.map(({ id }) => id)).size).toBe(250);
  expect(await readLedger(place.ledgerFile)).toEqual([...booked].sort((a, b) => a.id.localeCompare(b.id)));
});

test("a wire that is being written is found, and found booked", async () => {
  const ledger = await openLedger(place.ledgerFile);
  const booked = ledger.book("key", aWire);
  expect(await ledger.find("key")).toEqual(await booked);
  await ledger.close();
});

test.each([1, 20, 120])("a last line torn after %i bytes is cut off, and the ledger goes on", async (bytes) => {
  await bookSome(2);
  const whole = await readFile(place.ledgerFile);
  const line = whole.subarray(whole.indexOf(0x0a) + 1);
  await writeFile(place.ledgerFile, Buffer.concat([whole, line.subarray(0, bytes)]));
  expect(await readLedger(place.ledgerFile)).toHaveLength(2);

  const said: string[] = [];
  const ledger = await openLedger(place.ledgerFile, (text) => said.push(text));
  expect(said).toEqual([expect.stringContaining(`torn (${bytes} bytes)`)]);
  expect((await ledger.book("key-3", aWire)).id).toBe("BNK-000003");
  await ledger.close();
  expect(await readLedger(place.ledgerFile)).toHaveLength(3);
});

test("a line torn inside a character is cut off too", async () => {
  await bookSome(1);
  await appendFile(place.ledgerFile, Buffer.from('{"id":"BNK-000002","creditor":"Bäcker').subarray(0, -5));
  const ledger = await openLedger(place.ledgerFile);
  expect(ledger.list()).toHaveLength(1);
  await ledger.close();
});

test.each([
  ["not JSON", (text: string) => text.replace('{"id":"BNK-000002"', '{"id":"BNK-0000')],
  ["not a wire", (text: string) => text.replaceAll("DE89370400440532013000", "DE00370400440532013000")],
  ["a line was removed", (text: string) => text.split("\n").slice(1).join("\n")],
  ["books the key", (text: string) => text.replaceAll("key-2", "key-1")],
])("a ledger somebody edited is refused: %s", async (reason, edit) => {
  await bookSome(3);
  await writeFile(place.ledgerFile, edit(await readFile(place.ledgerFile, "utf8")));
  await expect(openLedger(place.ledgerFile)).rejects.toThrow(reason);
  await expect(openLedger(place.ledgerFile)).rejects.toThrow(path.basename(place.ledgerFile));
});

test("there is no ledger to read before the first wire", async () => {
  expect(await readLedger(place.ledgerFile)).toEqual([]);
});

test("a reversal is a line of its own that names its wire; a wire is reversed at most once", async () => {
  const ledger = await openLedger(place.ledgerFile);
  const wire = await ledger.book("key-1", aWire);
  const reversed = await ledger.reverse("key-1/undo/1", wire);
  expect(reversed).toMatchObject({ id: "BNK-000002", key: "key-1/undo/1", reverses: "BNK-000001", ...aWire });
  expect(() => ledger.reverse("another", wire)).toThrow(AlreadyReversed);
  await ledger.close();

  const again = await openLedger(place.ledgerFile);
  expect(again.list()).toEqual([wire, reversed]);
  expect(() => again.reverse("another", wire)).toThrow(AlreadyReversed);
  expect((await again.book("key-2", aWire)).id).toBe("BNK-000003");
  await again.close();
});

test.each([
  ["which is no wire before it", (text: string) => text.replace('"reverses":"BNK-000001"', '"reverses":"BNK-000009"')],
  ["is not a reversal", (text: string) => text.replace('"reverses":"BNK-000001"', '"reverses":"x"')],
])("a reversal somebody edited is refused: %s", async (reason, edit) => {
  const ledger = await openLedger(place.ledgerFile);
  await ledger.reverse("undo", await ledger.book("key", aWire));
  await ledger.close();
  await writeFile(place.ledgerFile, edit(await readFile(place.ledgerFile, "utf8")));
  await expect(openLedger(place.ledgerFile)).rejects.toThrow(reason);
});
