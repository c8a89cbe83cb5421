import { setTimer } from "@tape/store";
import { makeRun } from "@tape/store/testing";
import { actsOf } from "../acts.ts";
import type { Town } from "../town.ts";
import { until } from "../until.ts";
import { figureOf, type Figure } from "./figures.ts";

/** How late the handlers of so many timers begin, in a worker of its own process: all due at once, and spread over ten seconds. */
export async function measureTimers({ system }: Town, count: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { name, spreadMs } of [{ name: "at once", spreadMs: 0 }, { name: "over 10 s", spreadMs: 10_000 }]) {
    const { id: runId } = await makeRun(system.store, { app: "e2e", agent: "counting", status: "WAITING" });
    // All of them are set before the first is due.
    const dueAt = Date.now() + 3_000 + count * 6;
    for (let n = 0; n < count; n++) {
      const fireAt = new Date(dueAt + (spreadMs * n) / count).toISOString();
      await setTimer(system.store, { runId, id: `${name.replaceAll(" ", "-")}-${n}`, kind: "tick", fireAt, by: "measure" });
    }
    const ticks = await until(
      "every handler ran",
      async () => {
        const own = (await actsOf(system)).filter(({ what, name: id }) => what === "tick" && id.startsWith(`${name.replaceAll(" ", "-")}-`));
        return own.length >= count && own;
      },
      120_000,
    );
    const lateMs = ticks.map(({ rest }) => {
      const [fireAt = "", begunMs = ""] = rest.split(" ");
      return Number(begunMs) - Date.parse(fireAt);
    });
    figures.push(figureOf(`${count} timers due ${name}: late`, "ms", lateMs));
  }
  return figures;
}
