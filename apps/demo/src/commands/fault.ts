import { Argument, InvalidArgumentError, Option, type Command } from "commander";
import { createBankClient } from "../bank/client.ts";
import { FAULT_MODES, FAULT_TARGETS, type Fault, type FaultMode, type FaultTarget } from "../bank/faults.ts";
import type { DemoContext } from "./run.ts";

interface Options {
  times?: number;
  on?: FaultTarget;
  match?: string;
  delay?: number;
  json?: true;
}

export function addFault(program: Command, context: DemoContext): void {
  program
    .command("fault")
    .description("switch on what goes wrong at the bank, or show what is on")
    .addArgument(new Argument("[mode]", "slow: waits before it books · late-answer: books, then waits before it says so · error: 500, nothing booked · lost-ack: books, then drops the connection · crash-after-commit: books, then dies").choices(FAULT_MODES))
    .option("--times <n>", "how many it strikes; until it is switched off when left out (a crash: one)", atLeastOne)
    .addOption(new Option("--on <what>", "only wires, or only reversals; both when left out").choices(FAULT_TARGETS))
    .option("--match <creditor>", "only wires to a creditor whose name contains this")
    .option("--delay <ms>", "slow: how long it waits; 3000 when left out", atLeastOne)
    .option("--json", "print JSON")
    .action(async (mode: FaultMode | undefined, { times, on, match, delay: delayMs, json }: Options) => {
      const bank = createBankClient({ url: context.env.bankUrl, addressFile: context.env.place.addressFile });
      const fault = mode === undefined ? await bank.fault() : await bank.setFault({ mode, times, on, match, delayMs });
      context.print(json ? JSON.stringify(fault, null, 2) : sayFault(fault));
    });
}

const WHAT: Record<FaultMode, string> = {
  none: "The bank works as it should",
  slow: "The bank is slow",
  error: "The bank answers 500 and books nothing",
  "late-answer": "The bank books, and takes its time to say so",
  "lost-ack": "The bank books, and its answer gets lost",
  "crash-after-commit": "The bank books, and dies before it answers",
};

function sayFault({ mode, left, on, match, delayMs }: Fault): string {
  if (mode === "none") return `${WHAT.none}.`;
  const one = on === "reversals" ? "reversal" : "wire";
  const when = left === null ? "until it is switched off (tape demo fault none)" : left === 1 ? `for the next ${one}` : `for the next ${left} ${one}s`;
  const slow = mode === "slow" ? `, ${delayMs} ms a ${one}` : "";
  const only = left === null && on !== null ? `, ${on} only` : "";
  return `${WHAT[mode]}${slow}, ${when}${only}${match === null ? "" : `, to creditors like “${match}”`}.`;
}

function atLeastOne(given: string): number {
  const value = Number(given);
  if (!/^\d{1,7}$/.test(given) || value < 1) throw new InvalidArgumentError("It is a whole number of at least 1.");
  return value;
}
