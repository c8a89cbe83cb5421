import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { forEachOf } from "../closed-loop.ts";
import { monotonicMs, until } from "../clock.ts";
import { defineWorkload, type Server } from "../workload.ts";
import { readSteps } from "../world/steps-file.ts";
import { withWorld } from "../world/world.ts";

interface Size {
  /** More than one worker takes at a time, so that both have some. */
  runs: number;
  steps: number;
}

/** One worker is killed when so many of its bodies have run. */
const KILL_AFTER = 20;

export const takeOver = defineWorkload({
  name: "take-over",
  what: "kill -9 of one of two workers in the middle of their runs",
  figures: {
    takeOverMs: { unit: "ms", better: "lower", target: 2_000, what: "the kill to the first step, in the other worker, of a run that the killed one had" },
    takeOverAllDoneMs: { unit: "ms", better: "lower", what: "the kill to the end of the last of 100 runs" },
  },
  sizes: { full: { runs: 100, steps: 20 }, tiny: { runs: 60, steps: 5 } },
  measure: (server, size) => measureTakeOver(server, size),
});

async function measureTakeOver(server: Server, { runs, steps }: Size) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "tape-bench-"));
  const [killedFile, otherFile] = [path.join(folder, "killed"), path.join(folder, "other")];
  try {
    return await withWorld(server, async (world) => {
      const { tape } = world.agents;
      const [killed] = await Promise.all([world.startProcess({ stepsFile: killedFile }), world.startProcess({ stepsFile: otherFile })]);
      const handles = await forEachOf(Array.from({ length: runs }), runs, () => tape.start(world.agents.steps, { steps }));
      await until("the bodies of the first worker run", async () => (await readSteps(killedFile)).length >= KILL_AFTER, { everyMs: 1 });
      const killedMs = monotonicMs();
      await killed.kill();
      await Promise.all(handles.map((handle) => handle.outcome()));
      const takeOverAllDoneMs = monotonicMs() - killedMs;

      const its = new Set((await readSteps(killedFile)).map(({ run }) => run));
      const takenOver = (await readSteps(otherFile)).filter(({ run, atMs }) => its.has(run) && atMs > killedMs);
      const [first] = takenOver;
      if (!first) throw new Error("the killed worker had ended all its runs: nothing was taken over");
      return { takeOverMs: first.atMs - killedMs, takeOverAllDoneMs };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}
