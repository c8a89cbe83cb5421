import { afterEach, beforeEach, expect, test } from "vitest";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

test("R7 a run whose records the database refuses each time breaks its own drives alone, and is STUCK in the end", { timeout: 60_000 }, async () => {
  const { tape, store } = world;
  const act = tape.effect<number, number>("act", async (_ctx, n) => n);
  const agent = tape.agent<number, number>("acting", async (run, n) => (await act(run, n)) + (await act(run, n)));
  const { id: broken } = await tape.start(agent, 1);
  // A row that nobody wrote stands where its first intent would go.
  await store.pool.query(
    `INSERT INTO tape.effects (id, run_id, key, tool, status, semantics, dispatch, fingerprint, request_seq, created_at)
     VALUES ('eff_x', $1, $1 || '//d0/act/1', 'act', 'PENDING', 'IDEMPOTENT', 'INLINE', '', 1, tape.now())`,
    [broken],
  );
  await world.worker([agent], { leaseTtlMs: 600, maxRedrives: 2 }).start();
  const others = await Promise.all([2, 3, 4, 5].map((n) => tape.start(agent, n)));
  for (const { id } of others) await world.reaches(id, "COMPLETED");
  await world.reaches(broken, "STUCK");
  expect((await tape.getRun(broken)).whyWaiting[0]).toMatchObject({ code: "poison" });
});
