import { getEffect, listEffects, readJournal, resolveEffect } from "@tape/store";
import { actors } from "@tape/store/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBank } from "../src/bank/start.ts";
import { spawnBank } from "../src/bank/testing.ts";
import { prove } from "../src/proof/prove.ts";
import { ended, openWorld, shipped, until, type World } from "./testing/world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const proof = () => prove(world.store, world.place.ledgerFile);
const unknownOf = async (runId: string) => {
  await until(world.store, runId, ({ whyWaiting }) => whyWaiting.some(({ code }) => code === "effect_unsettled"));
  const [effect] = (await listEffects(world.store, { runId, status: "UNKNOWN" })).items;
  if (!effect) throw new Error("no UNKNOWN effect");
  return effect;
};

test("lost answers become UNKNOWN, the bank is asked, and each payment is booked once", async () => {
  await world.client.setFault({ mode: "lost-ack", times: 2 });
  const runId = await world.start({ csv: await shipped("payments-3.csv") });
  expect(await ended(world.store, runId)).toMatchObject({ status: "COMPLETED", output: { outcome: "paid", paid: 3 } });
  const { items } = await readJournal(world.store, { runId, limit: 1000 });
  expect(items.filter(({ kind, verb }) => kind === "effect" && verb === "unknown")).toHaveLength(2);
  const outcomes = items.flatMap((entry) => (entry.kind === "effect" && entry.verb === "confirmed" && entry.payload.key.includes("/wire/") ? [entry.payload] : []));
  expect(outcomes.map(({ by, externalRef }) => [by, externalRef])).toEqual([
    ["reconciler", "BNK-000001"],
    ["reconciler", "BNK-000002"],
    ["driver", "BNK-000003"],
  ]);
  expect(await proof()).toMatchObject({ equal: true });
});

test("the bank dies after booking: the run waits for it, and goes on with the next bank", async () => {
  await world.bank.close();
  const first = await spawnBank(world.place.dir);
  await first.client.setFault({ mode: "crash-after-commit", match: "nordlicht" });
  const runId = await world.start({ csv: await shipped("payments-3.csv") });
  expect(await first.gone).toBe("SIGKILL");
  const effect = await unknownOf(runId);
  expect(await proof()).toMatchObject({ equal: false, differences: [{ kind: "unsettled", key: effect.key }] });

  world.takeBank(await startBank({ place: world.place, crash: () => {} }));
  expect(await ended(world.store, runId)).toMatchObject({ status: "COMPLETED", output: { outcome: "paid", paid: 3 } });
  expect(await getEffect(world.store, { id: effect.id })).toMatchObject({ status: "CONFIRMED", externalRef: expect.stringMatching(/^BNK-/) });
  expect(await proof()).toMatchObject({ equal: true });
});

test("a wire that a person settles as failed is reported unpaid, and the batch goes on", async () => {
  await world.bank.close();
  const bank = await spawnBank(world.place.dir);
  await bank.client.setFault({ mode: "crash-after-commit", match: "liffey" });
  const runId = await world.start({ csv: await shipped("payments-3.csv") });
  await bank.gone;
  const effect = await unknownOf(runId);
  await resolveEffect(world.store, { id: effect.id, outcome: "failed", reason: "the bank's desk says no", actor: actors.operator });
  const { output } = await ended(world.store, runId);
  expect(output).toMatchObject({ outcome: "partly_paid", paid: 2, unpaid: [{ line: 3, creditor: "Liffey Software Ltd", reason: "the bank's desk says no" }] });
  // The person was wrong, and the proof says so.
  expect(await proof()).toMatchObject({ equal: false, differences: [{ kind: "not_confirmed", key: effect.key, runId }] });
});
