import { ROLES, type Role } from "@tape/core";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { Context } from "../context.ts";
import { printJson } from "../print/json.ts";
import { jsonOption, text } from "./options.ts";

interface Options {
  name: string;
  role: Role;
  expires?: number;
  json?: true;
}

export function addToken(program: Command, context: Context): void {
  program
    .command("token")
    .description("tokens for machines")
    .command("create")
    .description("make a token; its secret is shown once and kept nowhere")
    .addOption(new Option("--name <name>", "what it is for").argParser(text("a name")).makeOptionMandatory())
    .addOption(new Option("--role <role>", "what it may do").choices(ROLES).makeOptionMandatory())
    .option("--expires <time>", "like 12h or 90d; never when left out", lifetimeMs)
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, { name, role, expires, json }: Options) => {
        const { terminal } = context;
        const expiresAt = expires === undefined ? undefined : new Date((await backend.now()).getTime() + expires).toISOString();
        const token = await backend.createToken({ name, role, expiresAt });
        if (json) return printJson(terminal, token);
        terminal.say(`Token ${token.name}, ${token.role}${token.expiresAt ? `, until ${token.expiresAt}` : ""}. This is shown once:`);
        terminal.print(token.secret);
      }),
    );
}

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function lifetimeMs(given: string): number {
  const [, amount = "0", unit = ""] = /^([1-9]\d{0,4})([mhd])$/.exec(given) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? 0);
  if (ms === 0) throw new InvalidArgumentError("It is like 12h or 90d.");
  return ms;
}
