import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../src/testing/until.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

test("R5 two workers, 200 runnable runs: each is driven by exactly one", async () => {
  const { tape, store } = world;
  const touched: string[] = [];
  const touch = tape.effect("touch", async (ctx) => {
    touched.push(ctx.runId);
    return touched.length;
  });
  const agent = tape.agent("toucher", async (run) => touch(run, null));
  const runs = await Promise.all(Array.from({ length: 200 }, () => tape.start(agent, null)));

  const workers = [world.worker([agent], { concurrency: 10 }), world.worker([agent], { concurrency: 10 })];
  await Promise.all(workers.map((worker) => worker.start()));
  await until(async () => (await store.pool.query("SELECT 1 FROM tape.runs WHERE status <> 'COMPLETED'")).rows.length === 0, { withinMs: 30_000 });

  expect(touched.sort()).toEqual(runs.map(({ id }) => id).sort());
  const { rows } = await store.pool.query<{ owner: string; claims: number }>(
    `SELECT b.body::json->>'owner' AS owner, count(*) AS claims FROM tape.entries e JOIN tape.bodies b USING (run_id, seq)
     WHERE e.kind = 'run' AND e.verb = 'claimed' GROUP BY 1`,
  );
  expect(rows.map(({ owner }) => owner).sort()).toEqual(workers.map(({ id }) => id).sort());
  expect(rows.reduce((sum, { claims }) => sum + claims, 0)).toBe(200);
});
