import type { Command } from "commander";
import type { Context } from "../context.ts";
import { readJsonArgument } from "./options.ts";

export function addSignal(program: Command, context: Context): void {
  program
    .command("signal")
    .description("send a named message to a run; one that is not awaited yet is kept")
    .argument("<run>", "the run's id")
    .argument("<name>", "the signal's name")
    .argument("[json]", "its payload, or @file")
    .action(
      context.onBackend(async (backend, id: string, name: string, json: string | undefined) => {
        const payload = json === undefined ? null : await readJsonArgument(json, "The payload");
        await backend.sendSignal(id, name, payload);
        context.terminal.print(`Sent ${name} to ${id}.`);
      }),
    );
}
