import { Argument, Option, type Command } from "commander";
import type { EffectResolution } from "../backend/backend.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../exit.ts";
import { titleOf } from "../print/effect.ts";
import { printJson } from "../print/json.ts";
import { jsonOption, readJsonArgument, reasonOption } from "./options.ts";

const OUTCOMES = ["confirmed", "failed", "retry"] as const;

interface Options {
  as: EffectResolution["outcome"];
  reason: string;
  result?: string;
  json?: true;
}

export function addResolve(program: Command, context: Context): void {
  program
    .command("resolve")
    .description("settle an UNKNOWN effect by your word")
    .addArgument(new Argument("<what>", "what is settled").choices(["effect"]))
    .argument("<id>", "its id, from tape status")
    .addOption(new Option("--as <outcome>", "it happened, it did not, or send it again").choices(OUTCOMES).makeOptionMandatory())
    .addOption(reasonOption())
    .option("--result <json>", "with --as confirmed: what the tool would have returned, or @file")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, _what: string, id: string, { as: outcome, reason, result, json }: Options) => {
        if (result !== undefined && outcome !== "confirmed") throw new UsageError("--result goes with --as confirmed only.");
        const resolution = { outcome, reason, ...(result !== undefined && { result: await readJsonArgument(result, "--result") }) };
        const effect = await backend.resolveEffect(id, resolution);
        if (json) printJson(context.terminal, effect);
        else context.terminal.print(`${titleOf(effect)}: ${effect.status.toLowerCase()}.`);
      }),
    );
}
