import { readFile } from "node:fs/promises";
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

const read = async (file: string): Promise<string> => (await readFile(file, "utf8")).trim();

/** What it asks for is read from a file on every drive, so that it can change under an open card. */
export const mayChange = tape.agent<{ file: string }, string>("may-change", async (run, { file }) => {
  const amount = await read(file);
  await changing(run, { amount });
  return run.effect("release", { amount }, async () => {
    await note(`released ${amount}`);
    return amount;
  });
});

/** Does something else on its next drive than it did on its first: what nondeterminism is. */
export const wayward = tape.agent<{ file: string }, void>("sweep-accounts", async (run, { file }) => {
  await run.effect("sweep", { account: await read(file) }, () => undefined, { summary: ({ account }) => `Swept ${account}` });
  await parked(run, { n: 1 });
});
