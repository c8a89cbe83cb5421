import { awaitSignal, createTape, defineConfig, type AgentDefinition, type Tape, type TapeConfig } from "@tape/sdk";
import { createWallClock, monotonicMs } from "../clock.ts";
import { createMarks, type Marks } from "./marks.ts";

export interface AgentsOptions {
  /** Told of each step's body that runs. */
  onStep?: (runId: string, n: number) => void;
}

/** The code that is driven. Defined anew for each database, since a tape keeps to its store. */
export interface Agents {
  readonly tape: Tape;
  readonly config: TapeConfig;
  readonly marks: Marks;
  /** So many steps one after the other, whose bodies take no time: what is measured is the journal. */
  readonly steps: AgentDefinition<{ steps: number }, number>;
  /** So many steps, the signal `go`, then a mark of its run: when the code went on, by the monotonic clock. */
  readonly waiting: AgentDefinition<{ steps: number }, null>;
  /** Sleeps until that instant (ms since 1970), then a mark of its run: how late the code went on. */
  readonly sleeping: AgentDefinition<{ untilMs: number }, null>;
}

/** Timers of this kind leave a mark: how late their handler began. */
export const TICK = "tick";

export function defineAgents({ onStep = () => {} }: AgentsOptions = {}): Agents {
  const tape = createTape({ app: "bench" });
  const marks = createMarks();
  const wallClock = createWallClock();

  const step = tape.effect<{ n: number }, { n: number }>("step", (ctx, { n }) => {
    onStep(ctx.runId, n);
    return { n };
  });
  const steps = tape.agent<{ steps: number }, number>("steps", async (run, input) => {
    for (let n = 1; n <= input.steps; n++) await step(run, { n });
    return input.steps;
  });
  const waiting = tape.agent<{ steps: number }, null>("waiting", async (run, input) => {
    for (let n = 1; n <= input.steps; n++) await step(run, { n });
    await awaitSignal(run, "go");
    marks.add(run.id, monotonicMs());
    return null;
  });
  const sleeping = tape.agent<{ untilMs: number }, null>("sleeping", async (run, { untilMs }) => {
    await run.sleep(new Date(untilMs));
    marks.add(run.id, wallClock() - untilMs);
    return null;
  });
  tape.onTimer(TICK, ({ id, fireAt }) => marks.add(id, wallClock() - Date.parse(fireAt)));

  return { tape, marks, steps, waiting, sleeping, config: defineConfig({ tape, agents: [steps, waiting, sleeping] }) };
}
