import { TapeError, type Gate } from "@tape/core";
import type { Command } from "commander";
import { agrees } from "../ask.ts";
import type { Backend } from "../backend/backend.ts";
import type { Context } from "../context.ts";
import { EXIT, UsageError, type ExitCode } from "../exit.ts";
import { cardOf, sayOutcome, titleOf } from "../print/gate.ts";
import { printJson } from "../print/json.ts";
import { jsonOption, readJsonArgument } from "./options.ts";

interface Options {
  comment?: string;
  values?: string;
  fingerprint?: string;
  yes?: true;
  json?: true;
}

export function addApprove(program: Command, context: Context): void {
  decision(program.command("approve"), context, "approved")
    .description("show a gate's card and approve exactly what it shows")
    .option("--values <json>", "what the card's form asks for, or @file");
}

export function addReject(program: Command, context: Context): void {
  decision(program.command("reject"), context, "rejected").description("show a gate's card and reject it");
}

function decision(command: Command, context: Context, outcome: "approved" | "rejected"): Command {
  return command
    .argument("<gate>", "the gate's id, from tape gates")
    .option("--comment <text>", "it goes to the agent and into the audit log")
    .option("--fingerprint <fingerprint>", "only if the card is still the one that has this fingerprint")
    .option("-y, --yes", "do not ask back on a terminal")
    .addOption(jsonOption())
    .action(context.onBackend((backend, id: string, options: Options) => decide(context, backend, id, outcome, options)));
}

/** The decision carries the fingerprint of the card that was shown: if it changes in between, the decision is void. */
async function decide({ terminal }: Context, backend: Backend, id: string, outcome: "approved" | "rejected", options: Options): Promise<ExitCode> {
  const values = options.values === undefined ? undefined : await readValues(options.values);
  const gate = await backend.getGate(id);
  if (options.fingerprint !== undefined && options.fingerprint !== gate.fingerprint) throw otherCard(gate, options.fingerprint);
  const show = options.json ? terminal.say : terminal.print;
  show(cardOf(terminal, gate, await backend.now()));

  const verb = outcome === "approved" ? "Approve" : "Reject";
  if (gate.status === "OPEN" && terminal.isInteractive && !options.yes && !(await agrees(`${verb}? [y/N] `))) {
    terminal.say("Nothing was decided.");
    return EXIT.refused;
  }
  const decided = await backend.decideGate(id, { outcome, values, comment: options.comment, fingerprint: gate.fingerprint });
  if (options.json) printJson(terminal, decided);
  else terminal.print(`\n${sayDecided(decided, outcome)}`);
  return EXIT.ok;
}

function sayDecided(gate: Gate, outcome: "approved" | "rejected"): string {
  if (gate.outcome !== null) return `${titleOf(gate)}: ${sayOutcome(gate)}.`;
  const approvals = gate.decisions.filter((vote) => vote.outcome === "approved").length;
  return `Your vote is counted (${outcome}): ${approvals} of ${gate.quorum} approvals.`;
}

function otherCard({ fingerprint }: Gate, given: string): TapeError {
  return new TapeError("fingerprint_mismatch", `The card has changed: it has the fingerprint ${fingerprint} now. Look at it again (tape gates <gate>), then decide.`, { given, fingerprint });
}

async function readValues(given: string): Promise<Record<string, unknown>> {
  const values = await readJsonArgument(given, "--values");
  if (typeof values !== "object" || values === null || Array.isArray(values)) throw new UsageError("--values is a JSON object: the names of the form's fields, each with its value.");
  return values as Record<string, unknown>;
}
