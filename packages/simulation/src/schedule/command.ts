import { parseArgs } from "node:util";
import { generate } from "./generate.ts";
import { describe, lines } from "./print.ts";
import { run } from "./run.ts";
import { shrink } from "./shrink.ts";

const HELP = `Runs the engine of Tape in simulated processes, on a simulated database, clock, network and bank, by schedules that
are drawn from seeds: crashes, pauses, lost answers, people who change their minds. After every step it looks whether
what must hold does. The same seed is the same schedule, to the letter.

  npm run -s simulate                         1,000 schedules, from seed 0
  npm run -s simulate -- --schedules 100000   more of them
  npm run -s simulate -- --minutes 30         as many as that time is enough for
  npm run -s simulate -- --from 5000          beginning with another seed
  npm run -s simulate -- --seed 7             one of them
  npm run -s simulate -- --seed 7 --trace     and everything that happens in it

Ends with 1 when something did not hold: it prints the seed, what did not hold, and the smallest schedule that shows it.
`;

/** How often it says how far it is (ms). */
const SAY_EVERY_MS = 5_000;

/** The command. Answers its exit code. */
export async function simulate(argv: readonly string[]): Promise<number> {
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  const options = optionsOf(argv);
  if (typeof options === "string") {
    process.stderr.write(`${options}\nnpm run -s simulate -- --help says what there is.\n`);
    return 2;
  }
  if (options.help) {
    say(HELP);
    return 0;
  }
  if (options.seed !== null) return await one(options.seed, options.trace, say);
  return await many(options, say);
}

interface Options {
  help: boolean;
  seed: number | null;
  from: number;
  schedules: number;
  minutes: number;
  trace: boolean;
}

function optionsOf(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { help: { type: "boolean" }, seed: { type: "string" }, from: { type: "string" }, schedules: { type: "string" }, minutes: { type: "string" }, trace: { type: "boolean" } },
    });
    const numberOf = (name: "seed" | "from" | "schedules" | "minutes", otherwise: number): number => {
      const given = values[name];
      if (given === undefined) return otherwise;
      if (!/^\d+(\.\d+)?$/.test(given)) throw new Error(`--${name} is a number: ${given}`);
      return Number(given);
    };
    const minutes = numberOf("minutes", Infinity);
    return {
      help: values.help ?? false,
      seed: values.seed === undefined ? null : numberOf("seed", 0),
      from: numberOf("from", 0),
      schedules: numberOf("schedules", minutes === Infinity ? 1_000 : Infinity),
      minutes,
      trace: values.trace ?? false,
    };
  } catch (error) {
    return (error as Error).message;
  }
}

async function one(seed: number, trace: boolean, say: (text: string) => void): Promise<number> {
  const ended = await run(generate(seed), { trace });
  if (ended.violation) {
    const shrunk = await shrink(ended);
    if (trace) say((await run(shrunk.schedule, { trace })).trace.join("\n"));
    say(`\n${describe(shrunk, { original: ended, command: commandOf(seed) })}`);
    return 1;
  }
  say(trace ? ended.trace.join("\n") : [`Seed ${seed}:`, ...lines(ended.schedule)].join("\n"));
  say(`\nAll held, in ${(ended.lastedMs / 1_000).toFixed(1)} s of its own time.`);
  return 0;
}

async function many({ from, schedules, minutes }: Options, say: (text: string) => void): Promise<number> {
  const beganAt = performance.now();
  const reached: Record<string, number> = {};
  let saidAt = beganAt;
  let count = 0;
  for (let seed = from; count < schedules && performance.now() - beganAt < minutes * 60_000; seed++) {
    const ended = await run(generate(seed));
    count += 1;
    for (const [what, times] of Object.entries(ended.reached)) reached[what] = (reached[what] ?? 0) + times;
    if (ended.violation) {
      say(describe(await shrink(ended), { original: ended, command: commandOf(seed) }));
      return 1;
    }
    if (performance.now() - saidAt < SAY_EVERY_MS) continue;
    saidAt = performance.now();
    say(`${count} schedules, all held`);
  }
  const perSecond = count / ((performance.now() - beganAt) / 1_000);
  say(`${count} schedules, all held (${perSecond.toFixed(0)} a second, seeds ${from} to ${from + count - 1}). Among what they reached:`);
  say(
    Object.entries(reached)
      .filter(([, times]) => times > 0)
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([what, times]) => `  ${String(times).padStart(8)} ${what.replaceAll("_", " ")}`)
      .join("\n"),
  );
  return 0;
}

function commandOf(seed: number): string {
  return `npm run -s simulate -- --seed ${seed} --trace`;
}
