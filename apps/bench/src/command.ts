import path from "node:path";
import { startTestServer } from "@tape/prisma/testing";
import { Command, InvalidArgumentError, Option } from "commander";
import { measure } from "./measure.ts";
import { describeMachine } from "./report/machine.ts";
import { mediansOf, readResults, writeResults } from "./report/results.ts";
import { tableOf } from "./report/table.ts";
import type { Form, Server, Workload } from "./workload.ts";
import { workloads } from "./workloads/index.ts";

interface Options {
  quick?: boolean;
  tiny?: boolean;
  json?: boolean;
  only?: string[];
  repeats: number;
  out: string;
  against?: string;
  server?: string;
}

/** `npm run -s bench -- …`. Answers the exit code: 1 when a workload could not be measured. */
export async function bench(args: readonly string[]): Promise<number> {
  const options = new Command("bench")
    .description("What Tape costs on this machine, beside what PostgreSQL alone can do with the same rows.")
    .option("--quick", "the six headline figures, in under 50 s")
    .option("--json", "one line of JSON last: the median of each figure by its name")
    .addOption(new Option("--only <name...>", "these workloads alone").choices(workloads.map(({ name }) => name)))
    .option("--repeats <n>", "how often each workload is measured", toRepeats, 3)
    .option("--out <file>", "where all results are written", "bench-results.json")
    .option("--against <file>", "an earlier file of results, shown beside the new ones")
    .option("--server <url>", "a PostgreSQL to measure on, by its maintenance database; default: one of its own")
    .option("--tiny", "sizes that show that the bench works, and nothing of Tape's speed")
    .parse(args, { from: "user" })
    .opts<Options>();
  return await run(options);
}

async function run(options: Options): Promise<number> {
  if (options.server !== undefined) return await measureOn({ url: options.server }, options);
  const server = await startTestServer();
  try {
    return await measureOn(server, options);
  } finally {
    await server.stop();
  }
}

async function measureOn(server: Server, { quick, tiny, json, only, repeats, out, against }: Options): Promise<number> {
  const form: Form = tiny ? "tiny" : quick ? "quick" : "full";
  const before = against === undefined ? undefined : await readResults(against);
  const chosen = workloads.filter(({ name, isQuick }) => only?.includes(name) ?? (isQuick || !quick));
  const machine = await describeMachine(server.url);
  const measured = await measure(server, { workloads: chosen, form, repeats, onStart: tell(chosen, repeats) });
  const results = { at: new Date().toISOString(), form, repeats, machine, ...measured };
  await writeResults(path.resolve(out), results);
  process.stdout.write(tableOf(results, before));
  for (const failure of results.failures) process.stderr.write(`not measured: ${failure}\n`);
  if (json) process.stdout.write(`${JSON.stringify(mediansOf(results.figures))}\n`);
  return results.failures.length > 0 ? 1 : 0;
}

/** What is measured, on stderr: stdout is for results. */
function tell(chosen: readonly Workload[], repeats: number): (workload: Workload, repeat: number) => void {
  return (workload, repeat) => {
    const place = (repeat - 1) * chosen.length + chosen.indexOf(workload) + 1;
    process.stderr.write(`${place}/${chosen.length * repeats} ${workload.name}: ${workload.what}\n`);
  };
}

function toRepeats(text: string): number {
  const repeats = Number(text);
  if (Number.isInteger(repeats) && repeats >= 1) return repeats;
  throw new InvalidArgumentError("It must be a whole number from 1 on.");
}
