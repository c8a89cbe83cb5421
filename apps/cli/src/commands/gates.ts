import { foreign, formatInstant, GATE_STATUSES, relativeTime, type Gate, type GateStatus } from "@tape/core";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { Context } from "../context.ts";
import { cardOf, sayOutcome, titleOf } from "../print/gate.ts";
import { printJson } from "../print/json.ts";
import { table } from "../print/table.ts";
import { duration } from "./duration.ts";
import { jsonOption, limitOption, reasonOption } from "./options.ts";

interface Options {
  status: GateStatus;
  limit: number;
  cursor?: string;
  json?: true;
}

export function addGates(program: Command, context: Context): void {
  const gates = program
    .command("gates")
    .description("list what waits for a decision, or show one card; gates extend gives one more time")
    .helpCommand(false)
    .argument("[gate]", "a gate's id: its whole card")
    .option("--status <status>", `one of ${GATE_STATUSES.join(", ")}`, status, "OPEN" as GateStatus)
    .addOption(limitOption())
    .option("--cursor <cursor>", "the page after this one, from the last page")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, id: string | undefined, options: Options) => {
        const { terminal } = context;
        const now = await backend.now();
        if (id !== undefined) {
          const gate = await backend.getGate(id);
          return options.json ? printJson(terminal, gate) : terminal.print(cardOf(terminal, gate, now));
        }
        const page = await backend.listGates({ status: options.status }, { limit: options.limit, cursor: options.cursor });
        if (options.json) return printJson(terminal, page);
        if (page.items.length === 0) return terminal.say(options.status === "OPEN" ? "Nothing waits for a decision." : "No such gates.");
        terminal.print(table(terminal, [{ head: "gate" }, { head: "agent" }, { head: "asked" }, { head: "due" }, { head: "" }], page.items.map((gate) => rowOf(gate, now))));
        if (page.nextCursor !== null) terminal.say(`More: add --cursor ${page.nextCursor}`);
      }),
    );

  gates
    .command("extend")
    .description("give an open gate more time")
    .argument("<gate>", "the gate's id")
    .addOption(new Option("--by <time>", "this much from now: 30m, 1h, 2d …").argParser(duration).makeOptionMandatory())
    .addOption(reasonOption())
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, id: string, { by: forMs, reason, json }: { by: number; reason: string; json?: true }) => {
        const gate = await backend.extendGate(id, { forMs, reason });
        if (json) printJson(context.terminal, gate);
        else context.terminal.print(`${titleOf(gate)}: open until ${gate.deadlineAt === null ? "somebody decides" : formatInstant(gate.deadlineAt)}.`);
      }),
    );
}

function rowOf(gate: Gate, now: Date): string[] {
  const due = gate.status === "OPEN" ? (gate.deadlineAt === null ? "no deadline" : relativeTime(gate.deadlineAt, now)) : sayOutcome(gate);
  return [gate.id, foreign(gate.agent, 30), relativeTime(gate.openedAt, now), due, titleOf(gate)];
}

function status(given: string): GateStatus {
  const known = GATE_STATUSES.find((each) => each === given.toUpperCase());
  if (known === undefined) throw new InvalidArgumentError(`It is one of ${GATE_STATUSES.join(", ")}.`);
  return known;
}
