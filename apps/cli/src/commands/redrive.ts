import type { Command } from "commander";
import type { Context } from "../context.ts";
import { printJson } from "../print/json.ts";
import { stateOf } from "../print/run.ts";
import { jsonOption, reasonOption } from "./options.ts";

export function addRedrive(program: Command, context: Context): void {
  program
    .command("redrive")
    .description("drive a waiting or stuck run again; nothing recorded is done twice")
    .argument("<run>", "the run's id")
    .addOption(reasonOption())
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, id: string, { reason, json }: { reason: string; json?: true }) => {
        const run = await backend.redriveRun(id, reason);
        if (json) printJson(context.terminal, run);
        else context.terminal.print(`${run.id}  ${stateOf(context.terminal, run)}`);
      }),
    );
}
