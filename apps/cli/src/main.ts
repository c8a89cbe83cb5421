/** The tape command. `bin/tape.mjs` loads this file in its own process. */
import { runCommandLine } from "./command-line.ts";
import { processVariables } from "./env.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), processVariables());
