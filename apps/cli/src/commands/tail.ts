import { foreign, runMachine, type Run, type RunSummary } from "@tape/core";
import type { Command } from "commander";
import type { Backend } from "../backend/backend.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../exit.ts";
import { follow } from "../follow.ts";
import { untilInterrupted } from "../interrupt.ts";
import { printJsonLine } from "../print/json.ts";
import { stateOf, whyOf } from "../print/run.ts";
import { startStory } from "../print/story.ts";
import type { Terminal } from "../print/terminal.ts";
import { jsonOption, wholeNumber } from "./options.ts";

interface Options {
  from?: number;
  all?: true;
  json?: true;
}

export function addTail(program: Command, context: Context): void {
  const { terminal } = context;
  program
    .command("tail")
    .description("follow a run to its end, in sentences; without a run: every run that changes")
    .argument("[run]", "the run's id")
    .option("--from <seq>", "only what comes after this entry", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option("--all", "bookkeeping too: drives, samples, reads")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, id: string | undefined, options: Options) => {
        if (id === undefined && (options.from !== undefined || options.all)) throw new UsageError("--from and --all go with a run.");
        await untilInterrupted((signal) => (id === undefined ? tailAll(terminal, backend, options, signal) : tailRun(terminal, backend, id, options, signal)));
      }),
    );
}

async function tailRun(terminal: Terminal, backend: Backend, id: string, { from: after = 0, all, json }: Options, signal: AbortSignal): Promise<void> {
  const story = startStory(terminal, { after, all });
  const tell: Parameters<typeof follow>[2]["tell"] = json
    ? (entries) => entries.forEach((entry) => printJsonLine(terminal, entry))
    : (entries) => story.linesOf(entries).forEach((line) => terminal.print(line));
  // Sentences speak of what began earlier; entries stand for themselves.
  await follow(backend, id, { fromSeq: json ? after : 0, tell, isOver, signal });
}

/** Nothing more will be written unless somebody asks for it. */
function isOver({ status, settledAt }: Run): boolean {
  return runMachine.ended.includes(status) && (status !== "CANCELLED" || settledAt !== null);
}

async function tailAll(terminal: Terminal, backend: Backend, { json }: Options, signal: AbortSignal): Promise<void> {
  const { items } = await backend.listRuns({}, { limit: 200 });
  const told = new Map(items.map((run) => [run.id, lineOf(terminal, run)]));
  terminal.say("Watching all runs; Ctrl-C ends it.");
  await backend.watchRuns((runs) => {
    for (const run of runs) {
      const line = lineOf(terminal, run);
      if (told.get(run.id) === line) continue;
      told.set(run.id, line);
      if (json) printJsonLine(terminal, run);
      else terminal.print(line);
    }
  }, signal);
}

function lineOf(terminal: Terminal, run: RunSummary): string {
  const { progress } = run;
  const bar = progress === null ? [] : [`${progress.done} of ${progress.total}${progress.label === undefined ? "" : ` ${foreign(progress.label, 60)}`}`];
  return [run.id, foreign(run.agent, 30), stateOf(terminal, run), ...bar, whyOf(run)].filter((part) => part !== "").join("  ");
}
