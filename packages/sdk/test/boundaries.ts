import { getRun } from "@tape/store";
import type { AgentDefinition } from "../src/index.ts";
import { claim, Death, driveOf, driveOnce, expireLeases, type World } from "./world.ts";

/**
 * Drives a new run of `agent` once for every boundary that there is: its driver dies there, and another one takes it over
 * and brings it to its end. `look` sees each run after that.
 */
export async function atEveryBoundary(world: World, agent: AgentDefinition, start: () => Promise<string>, look: (id: string, boundary: number) => Promise<void>): Promise<number> {
  for (let boundary = 0; ; boundary++) {
    const id = await start();
    const died = await dieAt(world, agent, boundary);
    const isLeft = (await getRun(world.store, { id })).status === "RUNNING";
    if (died && isLeft) {
      await expireLeases(world);
      await driveOnce(world, agent);
    }
    await look(id, boundary);
    if (!died) return boundary;
  }
}

/** Drives until the process dies at this boundary; false when the drive ends before. */
export async function dieAt(world: World, agent: AgentDefinition, boundary: number): Promise<boolean> {
  const death = new Death(boundary);
  let ended = false;
  void driveOf(world, agent, await claim(world, agent), { journal: (inner) => death.journal(inner) })
    .run()
    .then(() => (ended = true));
  while (!death.dead && !ended) await new Promise((turned) => setTimeout(turned, 1));
  await death.settled();
  return death.dead;
}
