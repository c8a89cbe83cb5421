import { createTape, defineConfig } from "@tape/sdk";
import { appendFile } from "node:fs/promises";
import path from "node:path";

const tape = createTape({ app: "e2e" });

/** What bodies did, in a file: it outlives the process. */
function note(line: string): Promise<void> {
  return appendFile(path.join(process.env.TAPE_DIR ?? ".", "acts.log"), `${process.pid} ${line}\n`);
}

const gate = tape.gateTool<{ n: number }>("parked");

/** One decision, one gate, one effect: what a thousand of these cost while they wait. */
const waiting = tape.agent<{ n: number }, number>("waiting", async (run, { n }) => {
  await run.decide("before", { model: "scripted", request: { n } }, async () => {
    await note(`asked ${n}`);
    return n;
  });
  await gate(run, { n });
  return run.effect("after", { n }, async () => {
    await note(`acted ${n}`);
    return n * 2;
  });
});

/** A body that takes longer than its lease unless it is told to end, and writes when it was aborted. */
const slow = tape.effect<{ ms: number }, string>("slow", async (ctx, { ms }) => {
  await note(`begin ${ctx.attempt}`);
  ctx.signal.addEventListener("abort", () => void note("aborted"));
  const end = performance.now() + ms;
  while (performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
  await note(`end ${ctx.attempt}`);
  return `by ${process.pid}`;
});

const holding = tape.agent<{ ms: number }, string>("holding", async (run, { ms }) => {
  const by = await slow(run, { ms });
  await run.effect("after", { by }, () => note("after"));
  return by;
});

export default defineConfig({ tape, agents: [waiting, holding] });
