import { foreign, sayActor, type Run } from "@tape/core";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { follow } from "../follow.ts";
import { printJson } from "../print/json.ts";
import { startStory } from "../print/story.ts";
import { jsonOption, reasonOption } from "./options.ts";

interface Options {
  reason: string;
  wait?: true;
  json?: true;
}

export function addCancel(program: Command, context: Context): void {
  program
    .command("cancel")
    .description("cancel a run for good; what was done stays done (tape compensate undoes it)")
    .argument("<run>", "the run's id")
    .addOption(reasonOption())
    .option("--wait", "follow it until no worker holds it any more")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, id: string, { reason, wait, json }: Options) => {
        const { terminal } = context;
        const cancelled = await backend.cancelRun(id, reason);
        const say = json ? terminal.say : terminal.print;
        if (cancelled.settledAt === null) {
          say([sayCancelled(cancelled), ...cancelled.whyWaiting.map(({ sentence }) => sentence)].join("\n"));
        }
        const story = startStory(terminal, { after: cancelled.seq });
        const run = !wait
          ? cancelled
          : await follow(backend, id, { fromSeq: 0, isOver: ({ settledAt }) => settledAt !== null, tell: (entries) => story.linesOf(entries).forEach((line) => terminal.say(line)) });
        if (json) return printJson(terminal, run);
        if (run.settledAt !== null) terminal.print(cancelled.settledAt === null ? saySettled(run) : `${sayCancelled(run)} ${saySettled(run)}`);
        terminal.say(`What it did stays done: tape compensate ${id} --plan shows what can be undone.`);
      }),
    );
}

function saySettled(run: Run): string {
  const unsettled = run.unsettled === 0 ? "" : ` The outcome of ${run.unsettled} of its acts is not known yet: tape inspect ${run.id}.`;
  return `It is settled: no worker holds it.${unsettled}`;
}

/** The first cancellation stands. */
function sayCancelled({ id, cancelledBy, cancelReason }: Run): string {
  return `${id} is cancelled by ${sayActor(cancelledBy)}: “${foreign(cancelReason ?? "", 200)}”.`;
}
