import { note } from "./note.ts";
import { tape } from "./app.ts";

interface Transfer {
  to: string;
  /** How long the act takes (ms), and how long taking it back takes. */
  ms: number;
  backMs?: number;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Moves something, in a body that does not heed its signal, and can be taken back. Both are written down with their key. */
const move = tape.effect<Transfer, { moved: string }>(
  "move",
  {
    summary: ({ to }, result) => (result ? `Moved to ${to}` : `Moving to ${to}`),
    compensate: {
      summary: ({ moved }) => `Take back from ${moved}`,
      run: async (ctx, { input }) => {
        await note(`back-begin ${input.to} ${ctx.key}`);
        await wait(input.backMs ?? 0);
        await note(`back ${input.to} ${ctx.key}`);
      },
    },
  },
  async (ctx, { to, ms }) => {
    ctx.signal.addEventListener("abort", () => void note(`aborted ${to} ${performance.timeOrigin + performance.now()}`));
    await note(`begin ${to} ${ctx.key}`);
    await wait(ms);
    await note(`move ${to} ${ctx.key}`);
    return { moved: to };
  },
);

/** One transfer after the other. */
export const moving = tape.agent<{ transfers: Transfer[] }, number>("moving", async (run, { transfers }) => {
  for (const transfer of transfers) await move(run, transfer);
  return transfers.length;
});
