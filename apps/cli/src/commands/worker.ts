import { existsSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { UsageError } from "../exit.ts";
import { appFile, TSX } from "../process/place.ts";
import { runNode } from "../process/run.ts";

export function addWorker(program: Command, context: Context): void {
  program
    .command("worker")
    .description("run a worker that drives the agents of a configuration; Ctrl-C lets it finish in order")
    .option("--config <file>", "tape.config.ts; TAPE_CONFIG when left out")
    .action(
      context.alone(async ({ config }: { config?: string }) => {
        const env: Record<string, string> = config === undefined ? {} : { TAPE_CONFIG: existing(config) };
        return runNode({ args: ["--import", TSX, appFile("worker", "src/main.ts")], env });
      }),
    );
}

function existing(config: string): string {
  const file = path.resolve(config);
  if (!existsSync(file)) throw new UsageError(`--config ${config}: there is no such file.`);
  return file;
}
