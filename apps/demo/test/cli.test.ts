import { execFile } from "node:child_process";
import { appendFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { wireId } from "../src/bank/wire.ts";
import { aWire } from "../src/bank/testing.ts";
import type { Proof } from "../src/proof/compare.ts";
import { ended, openWorld, shipped, type World } from "./testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await ended(world.store, await world.start({ csv: await shipped("payments-3.csv") }));
});
afterAll(() => world.close());

/** `tape demo …`, as the tape command runs it. */
function demo(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, DATABASE_URL: world.store.database.url, TAPE_DIR: world.place.dir, BANK_URL: "" };
  return new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", path.join(import.meta.dirname, "..", "src", "cli.ts"), ...args], { env, cwd: path.join(import.meta.dirname, "..") }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

test("fault switches, shows and refuses", async () => {
  expect(await demo("fault", "lost-ack", "--times", "2", "--match", "acme")).toEqual({
    code: 0,
    out: "The bank books, and its answer gets lost, for the next 2 wires, to creditors like “acme”.\n",
    err: "",
  });
  expect(JSON.parse((await demo("fault", "--json")).out)).toEqual({ mode: "lost-ack", left: 2, on: null, match: "acme", delayMs: 3000 });
  expect((await demo("fault", "error", "--on", "reversals")).out).toBe("The bank answers 500 and books nothing, until it is switched off (tape demo fault none), reversals only.\n");
  expect((await demo("fault", "none")).out).toBe("The bank works as it should.\n");
  expect(await demo("fault", "slow", "--times", "0")).toMatchObject({ code: 64, err: expect.stringContaining("at least 1") });
});

test("ledger proves that it equals the journal, and names each difference when it does not", async () => {
  expect(await demo("ledger")).toEqual({ code: 0, out: "The ledger equals the journal: 3 wires, 1,696.55 EUR, each booked once and confirmed.\n", err: "" });
  expect((await demo("ledger", "--lines")).out.split("\n")[0]).toMatch(/^BNK-000001 +96\.15 EUR {2}to Brabant Print BV {2}confirmed {2}run_\w+\/\/d1\/wire\/1$/);
  expect(JSON.parse((await demo("ledger", "--json")).out)).toMatchObject({ equal: true, booked: 3, confirmed: 3 } satisfies Partial<Proof>);

  await appendFile(world.place.ledgerFile, `${JSON.stringify({ id: wireId(4), key: "by-hand", bookedAt: new Date().toISOString(), ...aWire })}\n`);
  const { code, out } = await demo("ledger");
  expect(code).toBe(1);
  expect(out).toBe(
    "not_in_journal  by-hand  BNK-000004, 1,240.00 EUR to Acme GmbH: the ledger has it, the journal does not know it\n" +
      "The ledger differs from the journal in 1 place: 4 booked, 2,936.55 EUR, 3 confirmed.\n",
  );

  await appendFile(world.place.ledgerFile, `${JSON.stringify({ id: wireId(5), key: "by-hand", bookedAt: new Date().toISOString(), ...aWire })}\n`);
  expect(await demo("ledger")).toMatchObject({ code: 1, err: expect.stringContaining("books the key by-hand a second time") });
});

test("a bank that is away is said in one line, and exits 69", async () => {
  await world.bank.close();
  expect(await demo("fault")).toMatchObject({ code: 69, out: "", err: expect.stringMatching(/^tape demo: The bank at .* does not answer\.\n$/) });
});
