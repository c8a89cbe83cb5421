import { startRuns } from "@tape/store";
import { openSystem } from "../system.ts";
import { until } from "../until.ts";
import { figureOf, type Figure } from "./figures.ts";

const RUNS = 50;

/** Steps per second of one worker process with 50 runs at once, by the database's clock: from the start of the first to the end of the last. */
export async function measureThroughput({ rounds, steps }: { rounds: number; steps: number }): Promise<Figure> {
  const system = await openSystem();
  try {
    await system.worker();
    const rates: number[] = [];
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      const labels = { round: String(round) };
      await startRuns(system.store, Array.from({ length: RUNS }, () => ({ app: "e2e", agent: "five-steps", input: { steps }, labels, startedBy: "measure" })));
      const tookMs = await until("every run is completed", async () => {
        const { rows } = await system.store.pool.query<{ done: number; ms: number }>(
          `SELECT count(*) FILTER (WHERE status = 'COMPLETED')::int AS done, extract(epoch FROM max(ended_at) - min(created_at))::float * 1000 AS ms FROM tape.runs WHERE labels ->> 'round' = $1`,
          [labels.round],
        );
        return rows[0]?.done === RUNS && rows[0].ms;
      }, 120_000);
      if (round > 0) rates.push((RUNS * steps) / (tookMs / 1000));
    }
    return figureOf(`steps of one worker, ${RUNS} runs of ${steps} steps`, "per s", rates);
  } finally {
    await system.close();
  }
}
