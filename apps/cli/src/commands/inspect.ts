import { count, extendTimeline, emptyTimeline, foreign, formatDuration, formatInstant, formatMicroUsd, lastingMs, sayActor, type Entry, type Run, type TimelineItem } from "@tape/core";
import type { Command } from "commander";
import type { Backend } from "../backend/backend.ts";
import type { Context } from "../context.ts";
import { printJson } from "../print/json.ts";
import { ageOf, stateOf } from "../print/run.ts";
import { table } from "../print/table.ts";
import type { Terminal } from "../print/terminal.ts";
import { jsonOption } from "./options.ts";

interface Options {
  all?: true;
  json?: true;
}

export function addInspect(program: Command, context: Context): void {
  program
    .command("inspect")
    .description("show a run: where it is and why, and its journal in sentences")
    .argument("<run>", "the run's id")
    .option("--all", "bookkeeping too: drives, samples, reads")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, id: string, { all, json }: Options) => {
        const { terminal } = context;
        const run = await backend.getRun(id);
        const journal = await readAll(backend, id);
        if (json) return printJson(terminal, { run, journal });
        const now = await backend.now();
        terminal.print(headOf(terminal, run, now));
        const { items } = extendTimeline(emptyTimeline(), journal);
        const shown = items.filter((item) => all || !item.secondary);
        if (shown.length > 0) terminal.print(`\n${timelineOf(terminal, shown, now)}`);
        terminal.print(tailOf(terminal, run));
      }),
    );
}

async function readAll(backend: Backend, runId: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const { items, nextCursor } = await backend.readJournal(runId, entries.at(-1)?.seq ?? 0);
    entries.push(...items);
    if (nextCursor === null || items.length === 0) return entries;
  }
}

function headOf(terminal: Terminal, run: Run, now: Date): string {
  const { paint } = terminal;
  const labels = Object.entries(run.labels).map(([name, value]) => `${foreign(name, 64)}=${foreign(value, 64)}`);
  const facts = [
    `begun ${ageOf(run, now)} by ${sayActor(run.startedBy)}`,
    `invocation ${foreign(run.invocationId, 80)}`,
    ...labels,
    ...(run.unsettled > 0 ? [`${run.unsettled} unsettled`] : []),
    ...(run.budget.spentMicroUsd > 0 ? [`models ${formatMicroUsd(run.budget.spentMicroUsd)}`] : []),
    ...(run.budget.reservedMicroUsd > 0 ? [`${formatMicroUsd(run.budget.reservedMicroUsd)} set aside`] : []),
  ];
  return [
    `${paint.bold(foreign(run.agent, 60))}${run.version === null ? "" : ` ${foreign(run.version, 24)}`}  ${stateOf(terminal, run)}  ${paint.dim(run.id)}`,
    ...run.whyWaiting.map(({ sentence }) => sentence),
    paint.dim(facts.join(" · ")),
  ].join("\n");
}

/** A line per item: when, how long, what; what happened within it below. Times are UTC, the day where it changes. */
function timelineOf(terminal: Terminal, items: readonly TimelineItem[], now: Date): string {
  const { paint } = terminal;
  const rows: string[][] = [];
  let day = "";
  for (const item of items) {
    const began = formatInstant(item.startedAt);
    if (began.slice(0, -14) !== day) {
      day = began.slice(0, -14);
      rows.push([paint.dim(day), "", "", ""]);
    }
    const lasted = lastingMs(item, now.getTime());
    const tries = item.attempts > 1 ? ` ${paint.dim(`(${item.attempts} attempts)`)}` : "";
    rows.push([paint.dim(timeOf(item.startedAt)), lasted === null ? "" : paint.dim(formatDuration(lasted)), paint[item.tone](item.status), `${item.sentence}${tries}`]);
    for (const note of item.notes) rows.push([paint.dim(timeOf(note.at)), "", "", `  ${paint[note.tone](note.sentence)}`]);
  }
  return table(terminal, [{ head: "" }, { head: "", align: "right" }, { head: "" }, { head: "" }], rows, { wrap: true });
}

function timeOf(at: string): string {
  return at.slice(11, 19);
}

/** What it came to, and what can be done now. */
function tailOf({ paint }: Terminal, run: Run): string {
  const lines: string[] = [];
  if (run.status === "COMPLETED") lines.push(`Output ${JSON.stringify(run.output)?.replace(/[\u007f-\u009f]/g, "").slice(0, 2000)}`);
  for (const { code, ref } of run.whyWaiting) {
    if (code === "gate" && ref) lines.push(`tape approve ${ref}`);
    if (code === "signal") lines.push(`tape signal ${run.id} <name> <json>`);
    if (code === "effect_unsettled" && ref) lines.push(`tape resolve effect ${ref} --as confirmed|failed|retry --reason <why>`);
    if (code === "compensation_stuck" && ref) lines.push(`tape resolve obligation ${ref} --as retry|done|waived --reason <why>`);
    if (code === "nondeterminism" || code === "poison") lines.push(`tape redrive ${run.id} --reason <why>`);
  }
  return lines.length === 0 ? paint.dim(`${count(run.seq, "entry", "entries")}`) : `\n${[...new Set(lines)].join("\n")}`;
}
