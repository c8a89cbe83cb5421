/**
 * The demo's commands, run by `tape demo …` as a process of its own, because nothing imports an app.
 *
 *   fault [none|slow|late-answer|error|lost-ack|crash-after-commit]   what goes wrong at the bank
 *   ledger                                                does the ledger equal the journal?
 */
import { runDemo } from "./commands/run.ts";

process.exitCode = await runDemo(process.argv.slice(2));
