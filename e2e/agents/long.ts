import { note } from "./note.ts";
import { tape } from "./app.ts";

/** A body that takes longer than its lease unless it is told to end, and writes when it was aborted. */
const slow = tape.effect<{ ms: number }, string>("slow", async (ctx, { ms }) => {
  await note(`begin ${ctx.attempt}`);
  ctx.signal.addEventListener("abort", () => void note("aborted"));
  const end = performance.now() + ms;
  while (performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  await note(`end ${ctx.attempt}`);
  return `by ${process.pid}`;
});

export const holding = tape.agent<{ ms: number }, string>("holding", async (run, { ms }) => {
  const by = await slow(run, { ms });
  await run.effect("after", { by }, () => note("after"));
  return by;
});
