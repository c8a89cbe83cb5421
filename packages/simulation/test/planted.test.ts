import { expect, test } from "vitest";
import { generate, run, type Ended } from "../src/schedule/index.ts";
import { PLANTS, type Plant } from "./plants.ts";

/** The first schedule that finds it. */
async function firstFound({ within, besides = [], verbs }: Plant): Promise<Ended | null> {
  for (let seed = 0; seed < within; seed++) {
    const schedule = generate(seed);
    const ended = await run({ ...schedule, choices: [...schedule.choices, ...besides] }, { verbs: verbs() });
    if (ended.violation) return ended;
  }
  return null;
}

test.each(PLANTS)("a planted bug is found: $bug", async (plant) => {
  const found = await firstFound(plant);
  if (!found?.violation) throw new Error(`not found in ${plant.within} schedules`);
  expect(plant.found).toContain(found.violation.invariant);
  // It is the bug that was found: without it, the schedule is fine.
  expect((await run(found.schedule)).violation).toBeNull();
});
