import { OBLIGATION_WORDS } from "@tape/core";
import { Argument, Option, type Command } from "commander";
import type { Backend, EffectResolution, ObligationResolution } from "../backend/backend.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../exit.ts";
import { titleOf } from "../print/effect.ts";
import { printJson } from "../print/json.ts";
import { titleOf as obligationTitle } from "../print/plan.ts";
import { jsonOption, readJsonArgument, reasonOption } from "./options.ts";

const OF_EFFECT: readonly string[] = ["confirmed", "failed", "retry"] satisfies EffectResolution["outcome"][];
const OF_OBLIGATION: readonly string[] = ["done", "retry", "waived"] satisfies ObligationResolution["outcome"][];

interface Options {
  as: string;
  reason: string;
  result?: string;
  json?: true;
}

export function addResolve(program: Command, context: Context): void {
  program
    .command("resolve")
    .description("settle an UNKNOWN effect, or an obligation that is stuck, by your word")
    .addArgument(new Argument("<what>", "what is settled").choices(["effect", "obligation"]))
    .argument("<id>", "its id, from tape status")
    .addOption(new Option("--as <outcome>", "effect: it happened, it did not, or send it again; obligation: it is done, try again, or never mind").choices([...new Set([...OF_EFFECT, ...OF_OBLIGATION])]).makeOptionMandatory())
    .addOption(reasonOption())
    .option("--result <json>", "effect --as confirmed: what the tool would have returned, or @file")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, what: "effect" | "obligation", id: string, options: Options) => {
        const [settled, sentence] = what === "effect" ? await settleEffect(backend, id, options) : await settleObligation(backend, id, options);
        if (options.json) printJson(context.terminal, settled);
        else context.terminal.print(sentence);
      }),
    );
}

async function settleEffect(backend: Backend, id: string, { as: outcome, reason, result }: Options): Promise<[unknown, string]> {
  if (!isOf<EffectResolution["outcome"]>(OF_EFFECT, outcome)) throw new UsageError(`An effect is resolved as ${OF_EFFECT.join(", ")}.`);
  if (result !== undefined && outcome !== "confirmed") throw new UsageError("--result goes with --as confirmed only.");
  const effect = await backend.resolveEffect(id, { outcome, reason, ...(result !== undefined && { result: await readJsonArgument(result, "--result") }) });
  return [effect, `${titleOf(effect)}: ${effect.status.toLowerCase()}.`];
}

async function settleObligation(backend: Backend, id: string, { as: outcome, reason, result }: Options): Promise<[unknown, string]> {
  if (!isOf<ObligationResolution["outcome"]>(OF_OBLIGATION, outcome)) throw new UsageError(`An obligation is resolved as ${OF_OBLIGATION.join(", ")}.`);
  if (result !== undefined) throw new UsageError("--result goes with an effect only.");
  const obligation = await backend.resolveObligation(id, { outcome, reason });
  return [obligation, `${obligationTitle(obligation)}: ${OBLIGATION_WORDS[obligation.status].word}.`];
}

function isOf<Outcome extends string>(outcomes: readonly string[], outcome: string): outcome is Outcome {
  return outcomes.includes(outcome);
}
