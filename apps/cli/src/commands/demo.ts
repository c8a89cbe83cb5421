import type { Command } from "commander";
import type { Context } from "../context.ts";
import { appFile, TSX } from "../process/place.ts";
import { runNode } from "../process/run.ts";

export function addDemo(program: Command, context: Context): void {
  program
    .command("demo")
    .description("the demo's own commands: fault, ledger; tape demo --help lists them")
    .argument("[arguments...]")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(context.alone((args: string[]) => runNode({ args: ["--import", TSX, appFile("demo", "src/cli.ts"), ...args] })));
}
