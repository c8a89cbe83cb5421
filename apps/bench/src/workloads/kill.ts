import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { forEachOf } from "../closed-loop.ts";
import { monotonicMs, until } from "../clock.ts";
import { defineWorkload, type Server } from "../workload.ts";
import { readSteps } from "../world/steps-file.ts";
import { withWorld, type World } from "../world/world.ts";

interface Size {
  runs: number;
  steps: number;
  /** The worker is killed when so many bodies have run. */
  killAfter: number;
}

export const kill = defineWorkload({
  name: "kill",
  what: "kill -9 of the only worker in the middle of 50 runs of 20 steps, and another one started at once",
  figures: {
    killAllDoneMs: { unit: "ms", better: "lower", target: 1_200, what: "the new worker ready to the end of the last run" },
    killStepsTwice: { unit: "steps", better: "lower", what: "bodies that ran again: no outcome of theirs was recorded" },
    killRecordedStepsTwice: { unit: "steps", better: "lower", target: 0, what: "bodies that ran again although their outcome was recorded" },
    killStepsLost: { unit: "steps", better: "lower", target: 0, what: "steps that never ran" },
  },
  sizes: { full: { runs: 50, steps: 20, killAfter: 400 }, tiny: { runs: 4, steps: 20, killAfter: 20 } },
  measure: (server, size) => measureKill(server, size),
});

async function measureKill(server: Server, { runs, steps, killAfter }: Size) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "tape-bench-"));
  const stepsFile = path.join(folder, "steps");
  try {
    return await withWorld(server, async (world) => {
      const { tape } = world.agents;
      const first = await world.startProcess({ stepsFile });
      const handles = await forEachOf(Array.from({ length: runs }), runs, () => tape.start(world.agents.steps, { steps }));
      await until("the bodies have run", async () => (await readSteps(stepsFile)).length >= killAfter, { everyMs: 1 });
      await first.kill();
      const before = await readSteps(stepsFile);
      const recorded = new Map(await forEachOf(handles, 10, async ({ id }) => [id, await recordedSteps(world, id)] as const));

      await world.startProcess({ stepsFile });
      const readyMs = monotonicMs();
      await Promise.all(handles.map((handle) => handle.outcome()));
      const killAllDoneMs = monotonicMs() - readyMs;

      const after = (await readSteps(stepsFile)).slice(before.length);
      const ran = new Set(before.map(({ run, n }) => `${run} ${n}`));
      const twice = after.filter(({ run, n }) => ran.has(`${run} ${n}`));
      const all = new Set([...before, ...after].map(({ run, n }) => `${run} ${n}`));
      return {
        killAllDoneMs,
        killStepsTwice: twice.length,
        killRecordedStepsTwice: after.filter(({ run, n }) => n <= (recorded.get(run) ?? 0)).length,
        killStepsLost: runs * steps - all.size,
      };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** How many outcomes the journal has: those of the first steps, since one follows the other. */
async function recordedSteps({ agents: { tape } }: World, runId: string): Promise<number> {
  const { items } = await tape.readJournal(runId, { limit: 500 });
  return items.filter(({ kind, verb }) => kind === "effect" && verb === "confirmed").length;
}
