import { readFile } from "node:fs/promises";
import { Command, CommanderError } from "commander";
import { addCommands } from "./commands/index.ts";
import { createContext } from "./context.ts";
import { readEnv } from "./env.ts";
import { EXIT, endingOf, type ExitCode } from "./exit.ts";
import { processTerminal, type Terminal } from "./print/terminal.ts";

const HELP = `
Environment:
  DATABASE_URL          the database; unset: the embedded one of this folder
  TAPE_URL, TAPE_TOKEN  speak to a Tape elsewhere by its API

Exit codes: 0 done, 1 refused or failed, 64 wrong usage, 69 Tape cannot be reached, 77 not allowed.
tape status: 0 nothing to do, 1 an effect is UNKNOWN, 2 a run is STUCK.`;

type Variables = Record<string, string | undefined>;

/** Runs one command line to its end. Never throws: what goes wrong is one line on stderr and the exit code. */
export async function runCommandLine(args: readonly string[], variables: Variables, terminal: Terminal = processTerminal(variables)): Promise<ExitCode> {
  try {
    return await dispatch(args, variables, terminal);
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, terminal);
    const { exitCode, message } = endingOf(error);
    terminal.say(`tape: ${message}`);
    if (variables.TAPE_LOG === "debug") terminal.say(String((error as Error).stack));
    return exitCode;
  }
}

async function dispatch(args: readonly string[], variables: Variables, terminal: Terminal): Promise<ExitCode> {
  const context = createContext(readEnv(variables), terminal);
  const program = new Command("tape")
    .description("Watch and operate the runs of your agents.")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .version(await version(), "-V, --version", "show the version")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.print(text.trimEnd()), writeErr: (text) => terminal.say(text.trimEnd()), outputError: () => {} })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText("after", HELP);
  addCommands(program, context);
  await program.parseAsync([...args], { from: "user" });
  return context.exitCode;
}

/** Help and version are answers; anything else commander ends with is a command line that does not fit. */
function endOfParsing({ code, message }: CommanderError, terminal: Terminal): ExitCode {
  if (code === "commander.helpDisplayed" || code === "commander.version") return EXIT.ok;
  if (code === "commander.help") return EXIT.usage;
  terminal.say(`tape: ${message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ")} (tape --help lists the commands)`);
  return EXIT.usage;
}

async function version(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}
