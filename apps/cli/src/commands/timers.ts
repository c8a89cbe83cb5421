import { formatInstant, foreign, relativeTime, TIMER_WORDS, type Timer } from "@tape/core";
import { Option, type Command } from "commander";
import type { Context } from "../context.ts";
import { UsageError } from "../exit.ts";
import { printJson } from "../print/json.ts";
import { table } from "../print/table.ts";
import type { Terminal } from "../print/terminal.ts";
import { duration, moment } from "./duration.ts";
import { jsonOption, readJsonArgument, text } from "./options.ts";

interface Due {
  kind: string;
  in?: number;
  at?: string;
  payload?: string;
  json?: true;
}

export function addTimers(program: Command, context: Context): void {
  const { terminal } = context;
  const timers = program
    .command("timers")
    .description("list a run's timers; set or cancel one")
    .helpCommand(false)
    .argument("<run>", "the run's id")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, runId: string, { json }: { json?: true }) => {
        const items = await backend.listTimers(runId);
        if (json) return printJson(terminal, { items, nextCursor: null });
        if (items.length === 0) return terminal.say("The run has no timers.");
        const now = await backend.now();
        terminal.print(table(terminal, [{ head: "timer" }, { head: "kind" }, { head: "status" }, { head: "due" }, { head: "" }], items.map((timer) => rowOf(terminal, timer, now))));
      }),
    );

  timers
    .command("set")
    .description("set a timer of a run; the same id again sets it anew")
    .argument("<run>", "the run's id")
    .argument("<id>", "your name for the timer")
    .addOption(new Option("--kind <kind>", "redrive, reconcile, or a kind that a worker handles").argParser(text("a kind")).makeOptionMandatory())
    .option("--in <time>", "due in 10m, 90s, 2h …", duration)
    .option("--at <instant>", "due at an instant like 2026-05-01T08:00:00Z", moment)
    .option("--payload <json>", "what its handler gets, or @file")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, runId: string, id: string, { kind, in: inMs, at: fireAt, payload, json }: Due) => {
        if ((inMs === undefined) === (fireAt === undefined)) throw new UsageError("Give either --in or --at.");
        const due = inMs === undefined ? { fireAt } : { inMs };
        const timer = await backend.setTimer(runId, id, { kind, ...due, ...(payload !== undefined && { payload: await readJsonArgument(payload, "--payload") }) });
        if (json) printJson(terminal, timer);
        else terminal.print(`${foreign(timer.id, 80)}: ${foreign(timer.kind, 60)}, ${formatInstant(timer.fireAt)}.`);
      }),
    );

  timers
    .command("cancel")
    .description("cancel a timer of a run; one that has fired says so")
    .argument("<run>", "the run's id")
    .argument("<id>", "the timer's id")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, runId: string, id: string, { json }: { json?: true }) => {
        const timer = await backend.cancelTimer(runId, id);
        if (json) printJson(terminal, timer);
        else terminal.print(`${foreign(timer.id, 80)}: ${TIMER_WORDS[timer.status].word}.`);
      }),
    );
}

function rowOf({ paint }: Terminal, timer: Timer, now: Date): string[] {
  const { tone, word } = TIMER_WORDS[timer.status];
  const due = timer.status === "ARMED" ? relativeTime(timer.fireAt, now) : formatInstant(timer.fireAt);
  const tries = timer.lastError === null ? "" : `attempt ${timer.attempts} failed: ${foreign(timer.lastError, 120)}`;
  return [foreign(timer.id, 60), foreign(timer.kind, 40), paint[tone](word), due, tries];
}
