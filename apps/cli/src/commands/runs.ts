import { foreign, instant, RUN_STATUSES, type RunFilter, type RunStatus } from "@tape/core";
import { InvalidArgumentError, type Command } from "commander";
import type { Context } from "../context.ts";
import { printJson } from "../print/json.ts";
import { ageOf, stateOf, whyOf } from "../print/run.ts";
import { table } from "../print/table.ts";
import { jsonOption, limitOption } from "./options.ts";

interface Options {
  status?: RunStatus[];
  agent?: string;
  label?: string;
  search?: string;
  since?: string;
  limit: number;
  cursor?: string;
  json?: true;
}

export function addRuns(program: Command, context: Context): void {
  program
    .command("runs")
    .description("list runs, newest first")
    .option("--status <status>", `one or more of ${RUN_STATUSES.join(", ")}`, status)
    .option("--agent <name>", "only this agent's")
    .option("--label <name=value>", "only runs with this label", label)
    .option("--search <text>", "the beginning of an id or invocation id, or a label's value")
    .option("--since <when>", "only runs begun since then: 90m, 24h, 7d, or an instant like 2026-05-01T08:00:00Z", since)
    .addOption(limitOption())
    .option("--cursor <cursor>", "the page after this one, from the last page")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, options: Options) => {
        const { limit, cursor, json } = options;
        const page = await backend.listRuns(filterOf(options), { limit, cursor });
        const { terminal } = context;
        if (json) return printJson(terminal, page);
        if (page.items.length === 0) return terminal.say("No runs match.");
        const now = await backend.now();
        const rows = page.items.map((run) => [run.id, foreign(run.agent, 30), stateOf(terminal, run), ageOf(run, now), whyOf(run)]);
        terminal.print(table(terminal, [{ head: "run" }, { head: "agent" }, { head: "status" }, { head: "begun" }, { head: "" }], rows));
        if (page.nextCursor !== null) terminal.say(`More: add --cursor ${page.nextCursor}`);
      }),
    );
}

function filterOf({ status: statuses, agent, label: named, search, since: from }: Options): RunFilter {
  return { ...(statuses && { status: statuses }), ...(agent && { agent }), ...(named && { label: named }), ...(search && { q: search }), ...(from && { since: from }) };
}

function status(given: string, before: RunStatus[] = []): RunStatus[] {
  const found = given.split(",").map((word) => {
    const known = RUN_STATUSES.find((each) => each === word.trim().toUpperCase());
    if (known === undefined) throw new InvalidArgumentError(`It is one of ${RUN_STATUSES.join(", ")}.`);
    return known;
  });
  return [...before, ...found];
}

function label(given: string): string {
  const match = /^([^=:]+)[=:](.*)$/.exec(given);
  if (!match) throw new InvalidArgumentError("It is name=value.");
  return `${match[1]}:${match[2]}`;
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

function since(given: string): string {
  const [, amount, unit = ""] = /^(\d{1,6})([smhd])$/.exec(given) ?? [];
  if (amount !== undefined) return new Date(Date.now() - Number(amount) * (UNITS[unit] ?? 0) * 1000).toISOString();
  const at = new Date(given);
  if (Number.isNaN(at.getTime()) || !instant.safeParse(at.toISOString()).success) throw new InvalidArgumentError("It is like 24h or 2026-05-01T08:00:00Z.");
  return at.toISOString();
}
