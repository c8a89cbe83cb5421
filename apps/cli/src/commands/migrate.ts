import type { Command } from "commander";
import type { Context } from "../context.ts";
import { UsageError } from "../exit.ts";
import { printJson } from "../print/json.ts";
import { jsonOption } from "./options.ts";

export function addMigrate(program: Command, context: Context): void {
  program
    .command("migrate")
    .description("bring the database's tables up to date; safe to repeat, and for several at once")
    .addOption(jsonOption())
    .action(
      context.alone(async ({ json }: { json?: true }) => {
        if (context.env.remote !== null) throw new UsageError("Migrations run where the database is: run this there, without TAPE_URL.");
        const [{ migrate }, { databaseUrl }] = await Promise.all([import("@tape/prisma"), import("../backend/store.ts")]);
        const { applied, unknown } = await migrate({ connectionString: await databaseUrl(context.env) });
        if (json) return printJson(context.terminal, { applied, unknown });
        context.terminal.print(applied.length === 0 ? "The tables are up to date." : `Applied ${applied.join(", ")}.`);
        if (unknown.length > 0) context.terminal.say(`A newer Tape was here: it applied ${unknown.join(", ")}, which this one does not know.`);
      }),
    );
}
