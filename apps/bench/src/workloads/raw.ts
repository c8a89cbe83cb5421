import { openStore, type Store } from "@tape/store";
import { closedLoop } from "../closed-loop.ts";
import { writeRun } from "../raw/run.ts";
import { statement } from "../raw/statements.ts";
import { writeInBatches, writeOneByOne, type Writer } from "../raw/write.ts";
import { percentile } from "../statistics.ts";
import { defineWorkload, type Server } from "../workload.ts";
import { cpuMs } from "../world/usage.ts";
import { withWorld } from "../world/world.ts";

interface Size {
  atOnce: readonly number[];
  /** Whether also without batches. */
  isOneByOne: boolean;
  warmUpMs: number;
  forMs: number;
}

const STEPS = 5;

export const raw = defineWorkload({
  name: "raw",
  what: "the limit: the rows of a 5-step run by pg alone, outcome i and intent i+1 merged and fenced in one statement, on analysed tables",
  figures: {
    rawCommitP50Ms: { unit: "ms", better: "lower", what: "one row and its commit, p50" },
    rawRunsPerSecondAt1: { unit: "per s", better: "higher", what: "statements one by one, 1 run at once" },
    rawRunsPerSecondAt10: { unit: "per s", better: "higher", what: "statements one by one, 10 runs at once" },
    rawRunsPerSecondAt50: { unit: "per s", better: "higher", what: "statements one by one, 50 runs at once" },
    rawBatchedRunsPerSecondAt1: { unit: "per s", better: "higher", what: "batches as one JSON parameter, 1 run at once" },
    rawBatchedRunsPerSecondAt10: { unit: "per s", better: "higher", what: "batches as one JSON parameter, 10 runs at once" },
    rawBatchedRunsPerSecondAt50: { unit: "per s", better: "higher", what: "batches as one JSON parameter, 50 runs at once" },
    rawRunP50MsAt1: { unit: "ms", better: "lower", what: "statements one by one, 1 run at once, p50" },
    rawBatchedCpuMsPerRunAt50: { unit: "ms", better: "lower", what: "processor time of Node for a run in batches, 50 at once" },
  },
  sizes: {
    full: { atOnce: [1, 10, 50], isOneByOne: true, warmUpMs: 1_000, forMs: 3_000 },
    quick: { atOnce: [50], isOneByOne: false, warmUpMs: 400, forMs: 1_200 },
    tiny: { atOnce: [1, 50], isOneByOne: true, warmUpMs: 1, forMs: 50 },
  },
  measure: (server, size) => measureRaw(server, size),
});

async function measureRaw(server: Server, { atOnce, isOneByOne, warmUpMs, forMs }: Size): Promise<Record<string, number>> {
  return await withWorld(server, async ({ url }) => {
    const store = openStore({ connectionString: url, applicationName: "tape bench raw", max: Math.max(...atOnce) });
    try {
      const figures: Record<string, number> = {};
      const batched = writeInBatches(store);
      await warmUp(store, batched, warmUpMs);
      for (const callers of atOnce) {
        const usedMs = cpuMs();
        const { tookMs, perSecond } = await closedLoop({ atOnce: callers, forMs, once: () => writeRun(batched, STEPS) });
        figures[`rawBatchedRunsPerSecondAt${callers}`] = perSecond;
        if (callers === 50) figures.rawBatchedCpuMsPerRunAt50 = (cpuMs() - usedMs) / tookMs.length;
      }
      if (isOneByOne) Object.assign(figures, await measureOneByOne(store, { atOnce, warmUpMs, forMs }));
      return figures;
    } finally {
      await store.close();
    }
  });
}

async function measureOneByOne(store: Store, { atOnce, warmUpMs, forMs }: Omit<Size, "isOneByOne">): Promise<Record<string, number>> {
  const figures: Record<string, number> = { rawCommitP50Ms: await commitP50Ms(store, forMs) };
  const writer = writeOneByOne(store);
  for (const callers of atOnce) {
    const once = () => writeRun(writer, STEPS);
    await closedLoop({ atOnce: callers, forMs: warmUpMs, once });
    const { tookMs, perSecond } = await closedLoop({ atOnce: callers, forMs, once });
    figures[`rawRunsPerSecondAt${callers}`] = perSecond;
    if (callers === 1) figures.rawRunP50MsAt1 = percentile(tookMs, 0.5);
  }
  return figures;
}

/** Fills the tables and has them analysed: planned on empty ones the same statements are up to three times slower. */
async function warmUp({ pool }: Store, writer: Writer, forMs: number): Promise<void> {
  await closedLoop({ atOnce: 50, forMs, once: () => writeRun(writer, STEPS) });
  await pool.query("ANALYZE");
  await closedLoop({ atOnce: 50, forMs: forMs / 4, once: () => writeRun(writer, STEPS) });
}

async function commitP50Ms({ pool }: Store, forMs: number): Promise<number> {
  const commit = statement("commit");
  let seq = 0;
  const once = () => pool.query({ ...commit, values: ["commit", ++seq] });
  const { tookMs } = await closedLoop({ atOnce: 1, forMs: forMs / 4, once });
  return percentile(tookMs, 0.5);
}
