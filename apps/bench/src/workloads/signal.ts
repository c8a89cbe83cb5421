import { monotonicMs, pause } from "../clock.ts";
import { percentile } from "../statistics.ts";
import { defineWorkload, type Server } from "../workload.ts";
import { parkRuns, untilEnded } from "../world/run.ts";
import { withWorld, type Placement } from "../world/world.ts";

interface Size {
  signals: number;
  warmUp: number;
}

const SIZES = { full: { signals: 500, warmUp: 100 }, tiny: { signals: 3, warmUp: 1 } };

export const signal = defineWorkload({
  name: "signal",
  what: "signals, one after the other, to runs parked in a live worker of the sender's process",
  figures: {
    signalP50Ms: { unit: "ms", better: "lower", target: 1.3, what: "signal sent to the code after the wait, one process, p50" },
    signalP99Ms: { unit: "ms", better: "lower", target: 6, what: "signal sent to the code after the wait, one process, p99" },
  },
  sizes: { ...SIZES, quick: { signals: 80, warmUp: 20 } },
  measure: async (server, size) => {
    const tookMs = await measureSignals(server, "inside", size);
    return { signalP50Ms: percentile(tookMs, 0.5), signalP99Ms: percentile(tookMs, 0.99) };
  },
});

export const signalAcross = defineWorkload({
  name: "signal-across",
  what: "signals, one after the other, to runs parked in a live worker of another process",
  figures: {
    signalAcrossP50Ms: { unit: "ms", better: "lower", target: 2.2, what: "signal sent to the code after the wait, two processes, p50" },
    signalAcrossP99Ms: { unit: "ms", better: "lower", target: 6, what: "signal sent to the code after the wait, two processes, p99" },
  },
  sizes: SIZES,
  measure: async (server, size) => {
    const tookMs = await measureSignals(server, "beside", size);
    return { signalAcrossP50Ms: percentile(tookMs, 0.5), signalAcrossP99Ms: percentile(tookMs, 0.99) };
  },
});

/** After each signal nobody asks anything for so long: the code goes on undisturbed (ms). */
const QUIET_MS = 5;

/** From the call of `sendSignal` to the line after `awaitSignal`, of each (ms). */
async function measureSignals(server: Server, placement: Placement, { signals, warmUp }: Size): Promise<number[]> {
  return await withWorld(server, async (world) => {
    const worker = await world.startWorker(placement);
    const runs = await parkRuns(world, { runs: signals + warmUp });
    const sentAt = new Map<string, number>();
    for (const id of runs) {
      sentAt.set(id, monotonicMs());
      await world.agents.tape.sendSignal(id, "go");
      await pause(QUIET_MS);
      await untilEnded(world, id);
    }
    const wentOnAt = new Map((await worker.marks()).map(({ of, ms }) => [of, ms]));
    return runs.slice(warmUp).map((id) => wentOnAt.get(id)! - sentAt.get(id)!);
  });
}
