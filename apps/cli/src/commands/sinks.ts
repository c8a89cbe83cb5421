import { count, foreign, formatDuration, grouped, msOf, relativeTime, SINK_BEHIND_MOST, SINK_WORDS, type Sink } from "@tape/core";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { printJson } from "../print/json.ts";
import { table } from "../print/table.ts";
import type { Terminal } from "../print/terminal.ts";
import { jsonOption } from "./options.ts";

export function addSinks(program: Command, context: Context): void {
  const { terminal } = context;
  const sinks = program.command("sinks").description("who is told what all runs record; resume one that was stopped, forget one that is gone").helpCommand(false);

  sinks
    .command("list")
    .description("list every sink, how far behind it is, and why")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, { json }: { json?: true }) => {
        const items = await backend.listSinks();
        if (json) return printJson(terminal, { items, nextCursor: null });
        if (items.length === 0) return terminal.say("There are no sinks.");
        const now = await backend.now();
        terminal.print(table(terminal, [{ head: "sink" }, { head: "status" }, { head: "behind" }, { head: "" }], items.map((sink) => [foreign(sink.id, 60), stateOf(terminal, sink), sayBehind(sink, now), saysOf(sink, now)])));
      }),
    );

  sinks
    .command("resume")
    .description("deliver again to a sink that was stopped, from where it stood; try one that waits now")
    .argument("<sink>", "the sink's id")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, id: string, { json }: { json?: true }) => {
        const sink = await backend.resumeSink(id);
        if (json) return printJson(terminal, sink);
        terminal.print(`${foreign(sink.id, 80)} is ${SINK_WORDS[sink.status].word}, ${sayBehind(sink, await backend.now())}.`);
        if (sink.workers === 0) terminal.say(NOBODY);
      }),
    );

  sinks
    .command("forget")
    .description("give up the place of a sink that no worker has any more; retention no longer waits for it")
    .argument("<sink>", "the sink's id")
    .action(
      context.onBackend(async (backend, id: string) => {
        await backend.forgetSink(id);
        terminal.print(`${foreign(id, 80)} is forgotten. A worker that brings it again begins with what is recorded from then on.`);
      }),
    );
}

const NOBODY = "No live worker has it, so nothing is delivered: start one that has it in tape.config.ts.";

function stateOf({ paint }: Terminal, { status }: Sink): string {
  const { tone, word } = SINK_WORDS[status];
  return paint[tone](word);
}

function sayBehind({ behind: { entries, since } }: Sink, now: Date): string {
  if (entries === 0 || since === null) return "up to date";
  const many = entries < SINK_BEHIND_MOST ? count(entries, "entry", "entries") : `at least ${grouped(String(entries))} entries`;
  return `${many} behind, ${formatDuration(msOf(now) - msOf(since))}`;
}

function saysOf({ status, attempts, lastError, nextAttemptAt, stoppedAt, workers }: Sink, now: Date): string {
  const error = lastError === null ? "" : `: ${foreign(lastError, 120)}`;
  const says = [
    ...(status === "STOPPED" && stoppedAt !== null ? [`stopped ${relativeTime(stoppedAt, now)}${error}`] : []),
    ...(status === "RETRYING" ? [`attempt ${attempts} failed${error}`] : []),
    ...(status === "RETRYING" && nextAttemptAt !== null ? [`next ${relativeTime(nextAttemptAt, now)}`] : []),
    ...(workers === 0 ? [status === "STOPPED" ? "no live worker has it" : "no live worker has it, and retention waits for it"] : []),
  ];
  return says.join("; ");
}
