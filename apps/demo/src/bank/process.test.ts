import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AnswerLost, createBankClient } from "./client.ts";
import { readLedger } from "./ledger.ts";
import { readAddress } from "./place.ts";
import { aPlace, aWire, spawnBank, type BankProcess } from "./testing.ts";

let place: Awaited<ReturnType<typeof aPlace>>;
let banks: BankProcess[];

beforeEach(async () => {
  place = await aPlace();
  banks = [];
});
afterEach(async () => {
  for (const bank of banks) await bank.stop();
  await place.remove();
});

async function spawned(env?: Record<string, string>): Promise<BankProcess> {
  const bank = await spawnBank(place.dir, env);
  banks.push(bank);
  return bank;
}

test("crash-after-commit: the process dies, the wire is in the ledger, and the next bank answers for it", async () => {
  const bank = await spawned();
  await bank.client.sendWire("before", aWire);
  await bank.client.setFault({ mode: "crash-after-commit" });
  await expect(bank.client.sendWire("key", aWire)).rejects.toThrow(AnswerLost);
  expect(await bank.gone).toBe("SIGKILL");
  expect((await readLedger(place.ledgerFile)).map(({ key }) => key)).toEqual(["before", "key"]);

  const next = await spawned();
  expect(next.url).toBe(bank.url);
  expect(await next.client.findWire("key")).toMatchObject({ id: "BNK-000002", ...aWire });
  expect((await next.client.sendWire("key", aWire)).id).toBe("BNK-000002");
  expect((await next.client.sendWire("after", aWire)).id).toBe("BNK-000003");
});

test("a bank killed and torn by hand starts again with what was booked", async () => {
  const bank = await spawned();
  await bank.client.sendWire("key", aWire);
  bank.child.kill("SIGKILL");
  await bank.gone;
  await writeFile(place.ledgerFile, `${await readFile(place.ledgerFile, "utf8")}{"id":"BNK-0000`);
  const next = await spawned();
  expect(await next.client.ledger()).toHaveLength(1);
});

test("SIGTERM lets the wire under way end, and is quick", async () => {
  const bank = await spawned();
  await bank.client.setFault({ mode: "slow", delayMs: 500 });
  const answer = bank.client.sendWire("key", aWire);
  await expect.poll(async () => (await bank.client.fault()).mode).toBe("slow");
  await new Promise((resolve) => setTimeout(resolve, 100));
  bank.child.kill("SIGTERM");
  expect((await answer).id).toBe("BNK-000001");
  const answeredAt = Date.now();
  expect(await bank.gone).toBe(0);
  expect(Date.now() - answeredAt).toBeLessThan(1000);
});

test("a second bank on the same ledger takes over from the first", async () => {
  const first = await spawned();
  await first.client.sendWire("key", aWire);
  const second = await spawned();
  expect(await first.gone).toBe(0);
  expect(await second.client.ledger()).toHaveLength(1);
  expect((await readAddress(place.addressFile))?.url).toBe(second.url);
  const client = createBankClient({ addressFile: place.addressFile });
  expect((await client.sendWire("key-2", aWire)).id).toBe("BNK-000002");
});

test("a port that is taken and a broken ledger are each said in one line", async () => {
  const bank = await spawned();
  const port = new URL(bank.url).port;
  const other = await aPlace();
  await expect(spawnBank(other.dir, { BANK_PORT: port })).rejects.toThrow(`Port ${port} is taken: set BANK_PORT`);
  await expect(spawnBank(other.dir, { BANK_PORT: "x" })).rejects.toThrow("BANK_PORT must be a port");
  await other.remove();
  await bank.client.sendWire("key", aWire);
  await bank.stop();
  await writeFile(place.ledgerFile, "no ledger\n");
  await expect(spawned()).rejects.toThrow("is not JSON");
});
