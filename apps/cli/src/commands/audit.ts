import { formatInstant, foreign, type AuditRecord } from "@tape/core";
import type { AuditVerdict } from "@tape/store";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { EXIT, type ExitCode } from "../exit.ts";
import { printJson } from "../print/json.ts";
import { table } from "../print/table.ts";
import { jsonOption, limitOption } from "./options.ts";

interface ListOptions {
  run?: string;
  limit: number;
  cursor?: string;
  json?: true;
}

export function addAudit(program: Command, context: Context): void {
  const { terminal } = context;
  const audit = program.command("audit").description("what people did, and whether that record still holds").helpCommand(false);

  audit
    .command("list")
    .description("list what people did, the latest first")
    .option("--run <run>", "only what was done to this run")
    .addOption(limitOption())
    .option("--cursor <cursor>", "the page after this one, from the last page")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, { run, limit, cursor, json }: ListOptions) => {
        const page = await backend.listAudit({ ...(run !== undefined && { runId: run }) }, { limit, ...(cursor !== undefined && { cursor }) });
        if (json) return printJson(terminal, page);
        if (page.items.length === 0) return terminal.say("Nobody has done anything.");
        terminal.print(table(terminal, [{ head: "when" }, { head: "who" }, { head: "did" }, { head: "to" }, { head: "" }], page.items.map(rowOf)));
        if (page.nextCursor !== null) terminal.say(`More: add --cursor ${page.nextCursor}`);
      }),
    );

  audit
    .command("verify")
    .description("compute the chain of the audit log again: 0 it holds, 2 it is broken; at the database only")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, { json }: { json?: true }): Promise<ExitCode> => {
        const verdict = await backend.verifyAudit();
        if (json) printJson(terminal, verdict);
        else for (const line of sentencesOf(verdict)) terminal.print(line);
        return verdict.brokenAt === null ? EXIT.ok : EXIT.stuck;
      }),
    );
}

function rowOf({ at, actor, action, target, details }: AuditRecord): string[] {
  const { reason } = (details ?? {}) as { reason?: unknown };
  return [formatInstant(at), foreign(actor, 40), foreign(action, 40), foreign(target, 60), typeof reason === "string" ? foreign(reason, 120) : ""];
}

/** Unsealed records named one by one; of very many the first. */
const MOST_NAMED = 10;

function sentencesOf({ verified, brokenAt, brokenId, unsealed }: AuditVerdict): string[] {
  const chain =
    brokenAt === null
      ? `The chain holds: ${count(verified, "record")} from the first on.`
      : `The chain is broken at record ${brokenAt}${brokenId === null ? ", which is missing" : ` (${foreign(brokenId, 60)}): it, or one before it, was changed`}. ${count(verified, "record")} before it ${verified === 1 ? "holds" : "hold"}.`;
  if (unsealed.length === 0) return [chain];
  const named = unsealed.slice(0, MOST_NAMED).map((id) => `  ${foreign(id, 60)}`);
  const others = unsealed.length - named.length;
  return [chain, `Not sealed yet, so that nothing vouches for ${unsealed.length === 1 ? "it" : "them"} (a running worker seals within a second):`, ...named, ...(others > 0 ? [`  and ${others} more`] : [])];
}

function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? "" : "s"}`;
}
