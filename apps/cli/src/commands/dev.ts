import type { Command } from "commander";
import type { Context } from "../context.ts";
import { appFile } from "../process/place.ts";
import { runNode } from "../process/run.ts";

export function addDev(program: Command, context: Context): void {
  program
    .command("dev")
    .description("start everything: database, worker, console, demo; the same as npm start")
    .action(context.alone(() => runNode({ args: [appFile("cli", "bin/start.mjs")] })));
}
