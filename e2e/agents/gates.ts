import { note } from "./note.ts";
import { tape } from "./app.ts";

const parked = tape.gateTool<{ n: number }>("parked");

/** One decision, one gate, one effect: what a thousand of these cost while they wait. */
export const waiting = tape.agent<{ n: number }, number>("waiting", async (run, { n }) => {
  await run.decide("before", { model: "scripted", request: { n } }, async () => {
    await note(`asked ${n}`);
    return n;
  });
  await parked(run, { n });
  return run.effect("after", { n }, async () => {
    await note(`acted ${n}`);
    return n * 2;
  });
});

const side = (name: "left" | "right") =>
  tape.gateTool<{ pair: string }>(name, { display: ({ pair }) => ({ title: `The ${name} one of ${pair}`, question: `Shall the ${name} side go on?`, fields: [{ label: "Pair", path: "pair", as: "text" }] }) });
const left = side("left");
const right = side("right");

/** Two questions at once: each answer has to reach its own await, in whatever order they come. */
export const twoGates = tape.agent<{ pair: string }, { left: string | null; right: string | null }>("two-gates", async (run, { pair }) => {
  const sides = await Promise.all(
    [left, right].map(async (gate) => {
      const { comment } = await gate(run, { pair });
      await run.effect(`go-${gate.definition.name}`, { comment }, async () => note(`${pair} ${gate.definition.name}: ${comment}`), { summary: () => `Went ${gate.definition.name} with “${comment}”` });
      return comment;
    }),
  );
  return { left: sides[0] ?? null, right: sides[1] ?? null };
});

const changing = tape.gateTool<{ amount: string }>("changing", { display: ({ amount }) => ({ title: `Release ${amount} EUR`, fields: [{ label: "Amount", path: "amount", as: "text" }] }) });

/** What it asks for is read from a file on every drive, so that it can change under an open card. */
export const mayChange = tape.agent<{ file: string }, string>("may-change", async (run, { file }) => {
  const { readFile } = await import("node:fs/promises");
  const amount = (await readFile(file, "utf8")).trim();
  await changing(run, { amount });
  return run.effect("release", { amount }, async () => {
    await note(`released ${amount}`);
    return amount;
  });
});
