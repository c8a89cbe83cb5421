import { note } from "./note.ts";
import { tape } from "./app.ts";

/** Publishes how far it is, at a pace. */
export const counting = tape.agent<{ total: number; ms: number }, number>("counting", async (run, { total, ms }) => {
  for (let done = 1; done <= total; done++) {
    await run.effect("count", { done }, () => new Promise<void>((resolve) => setTimeout(resolve, ms)));
    await tape.setValue(`runs/${run.id}`, "progress", { done, total, label: "counted" });
  }
  return total;
});

/** When its handler began, beside when it was due: what being late means. */
tape.onTimer("tick", ({ id, fireAt }) => note(`tick ${id} ${fireAt} ${performance.timeOrigin + performance.now()}`));
