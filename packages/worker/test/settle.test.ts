import { AckLost } from "@tape/sdk";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

test("E3 AckLost: UNKNOWN, the run waits; statusCheck confirms; it resumes with the result; one wire", async () => {
  const { tape, store } = world;
  const ledger: string[] = [];
  let isAnswering = false;
  const wire = tape.effect<null, { wireId: string }>(
    "wire",
    {
      statusCheck: async ({ key }) => {
        if (!isAnswering) return { status: "inconclusive" };
        return ledger.includes(key) ? { status: "confirmed", result: { wireId: "w1" } } : { status: "absent" };
      },
    },
    async (ctx) => {
      ledger.push(ctx.key);
      throw new AckLost("the bank hung up");
    },
  );
  const agent = tape.agent("pay", async (run) => (await wire(run, null)).wireId);
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await world.reaches(id, "WAITING");
  const { rows } = await store.pool.query("SELECT status FROM tape.effects");
  expect(rows).toEqual([{ status: "UNKNOWN" }]);

  isAnswering = true;
  await world.reaches(id, "COMPLETED");
  expect((await tape.getRun(id)).output).toBe("w1");
  expect(ledger).toHaveLength(1);
  const journal = (await world.journal(id)).filter((entry) => !["run.claimed", "effect.observed"].includes(entry));
  expect(journal).toEqual(["run.started", "effect.intended", "effect.unknown", "run.parked", "effect.confirmed", "effect.delivered", "run.completed"]);
});

test("D22 with nobody to ask, an IDEMPOTENT effect is done again under its key", async () => {
  const { tape } = world;
  const keys: string[] = [];
  const note = tape.effect("note", async (ctx) => {
    keys.push(ctx.key);
    if (keys.length === 1) throw new AckLost("lost");
    return "noted";
  });
  const agent = tape.agent("noter", async (run) => note(run, null));
  await world.worker([agent]).start();
  const { id } = await tape.start(agent, null);
  await world.reaches(id, "COMPLETED");
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
});
