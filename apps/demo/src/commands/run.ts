import { TapeError } from "@tape/core";
import { Command, CommanderError } from "commander";
import { AnswerLost, BankAway, BankRefused } from "../bank/client.ts";
import { readEnv } from "../env.ts";
import { addFault } from "./fault.ts";
import { addLedger } from "./ledger.ts";

/** As the tape command has them. */
const EXIT = { ok: 0, refused: 1, usage: 64, unavailable: 69 } as const;

export interface DemoContext {
  env: ReturnType<typeof readEnv>;
  print(text: string): void;
  say(text: string): void;
  exitCode: number;
}

/** Runs one command line; what goes wrong is one line on stderr and the exit code. */
export async function runDemo(args: readonly string[]): Promise<number> {
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  try {
    const context: DemoContext = { env: readEnv(), print, say, exitCode: EXIT.ok };
    const program = new Command("tape demo")
      .description("The demo: break its bank, and prove that nothing was lost.")
      .helpCommand(false)
      .exitOverride()
      .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: (text) => say(text.trimEnd()), outputError: () => {} });
    addFault(program, context);
    addLedger(program, context);
    await program.parseAsync([...args], { from: "user" });
    return context.exitCode;
  } catch (error) {
    return endingOf(error, say);
  }
}

function endingOf(error: unknown, say: (text: string) => void): number {
  if (error instanceof CommanderError) {
    if (error.code === "commander.helpDisplayed") return EXIT.ok;
    if (error.code !== "commander.help") say(`tape demo: ${error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ")}`);
    return EXIT.usage;
  }
  say(`tape demo: ${(error as Error).message}`);
  if (error instanceof BankAway || error instanceof AnswerLost || TapeError.is(error, "unavailable")) return EXIT.unavailable;
  if ((error as { code?: unknown }).code === "database_not_running") return EXIT.unavailable;
  return error instanceof BankRefused ? EXIT.usage : EXIT.refused;
}
