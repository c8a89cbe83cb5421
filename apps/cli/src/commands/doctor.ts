import type { Command } from "commander";
import type { Context } from "../context.ts";
import { examine } from "../doctor/examine.ts";
import { EXIT } from "../exit.ts";
import { printJson } from "../print/json.ts";
import { table } from "../print/table.ts";
import { jsonOption } from "./options.ts";

export function addDoctor(program: Command, context: Context): void {
  program
    .command("doctor")
    .description("look at everything Tape needs, and say what to do where something is missing")
    .addOption(jsonOption())
    .action(
      context.alone(async ({ json }: { json?: true }) => {
        const { terminal } = context;
        const findings = await examine(context.env);
        if (json) printJson(terminal, findings.map(({ what, says, todo }) => ({ what, ok: todo === undefined, says, todo: todo ?? null })));
        else {
          const rows = findings.flatMap(({ what, says, todo }) =>
            todo === undefined ? [["ok", what, says]] : [[terminal.paint.operator("wrong"), what, says], ["", "", `→ ${todo}`]],
          );
          terminal.print(table(terminal, [{ head: "" }, { head: "" }, { head: "" }], rows));
        }
        return findings.every(({ todo }) => todo === undefined) ? EXIT.ok : EXIT.refused;
      }),
    );
}
