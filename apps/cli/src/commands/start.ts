import path from "node:path";
import type { AgentInfo } from "@tape/core";
import type { Command } from "commander";
import type { Backend } from "../backend/backend.ts";
import type { Context } from "../context.ts";
import { EXIT, UsageError, type ExitCode } from "../exit.ts";
import { printJson } from "../print/json.ts";
import { stateOf } from "../print/run.ts";
import { waitForEnd } from "../wait.ts";
import { jsonOption, readJsonArgument, readNamed, several, text } from "./options.ts";

interface Options {
  input?: string;
  file?: string;
  invocationId?: string;
  label?: string[];
  wait?: true;
  json?: true;
}

export function addStart(program: Command, context: Context): void {
  program
    .command("start")
    .description("start a run of an agent")
    .argument("<agent>", "the agent's name")
    .option("--input <json>", "its input, or @file")
    .option("--file <file>", "put this file into the input's CSV field")
    .option("--invocation-id <id>", "your name for this work: the same one again is the same run", text("a name"))
    .option("--label <name=value>", "a label to find it by; may be repeated", several)
    .option("--wait", "wait until it has ended; exits 1 unless it completed")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, agent: string, options: Options): Promise<ExitCode> => {
        const { terminal } = context;
        const request = { agent, input: await readInput(backend, agent, options), invocationId: options.invocationId, labels: readLabels(options.label) };
        const started = await backend.startRun(request);
        if (!options.wait) {
          if (options.json) printJson(terminal, started);
          else terminal.print(`${started.id}  ${started.resumed ? `known already, ${stateOf(terminal, started)}` : stateOf(terminal, started)}`);
          return EXIT.ok;
        }
        if (!options.json) terminal.print(started.id);
        const ended = await waitForEnd(backend, started.id, (sentence) => terminal.say(sentence));
        if (options.json) printJson(terminal, { ...ended, resumed: started.resumed });
        else terminal.print(stateOf(terminal, ended) + (ended.error ? `: ${ended.error.message}` : ""));
        return ended.status === "COMPLETED" ? EXIT.ok : EXIT.refused;
      }),
    );
}

/** `--input` is the input; `--file` fills the field of it that takes a file, and names it where the agent asks for a name. */
async function readInput(backend: Backend, agent: string, { input, file }: Options): Promise<unknown> {
  const given = input === undefined ? undefined : await readJsonArgument(input, "--input");
  if (file === undefined) return given;
  if (given !== undefined && (typeof given !== "object" || given === null || Array.isArray(given))) throw new UsageError("--file goes with an --input that is a JSON object.");
  const content = (await readNamed(file, "--file")).replace(/^\ufeff/, "");
  const known = (await backend.listAgents()).find((info) => info.agent === agent);
  const { field, nameField } = fileFieldsOf(known, agent);
  return { ...(nameField && file !== "-" && { [nameField]: path.basename(file) }), ...given, [field]: content };
}

/** The string of the input that has `format: "csv"` (D48). `csv` while no worker tells what the agent takes. */
function fileFieldsOf(known: AgentInfo | undefined, agent: string): { field: string; nameField?: string } {
  if (known === undefined) return { field: "csv" };
  const { properties = {} } = (known.inputSchema ?? {}) as { properties?: Record<string, { format?: string; type?: string }> };
  const field = Object.keys(properties).find((name) => properties[name]?.format === "csv");
  if (field === undefined) throw new UsageError(`${agent} takes no file: give its input by --input.`);
  return { field, ...(properties.file?.type === "string" && field !== "file" && { nameField: "file" }) };
}

function readLabels(given: string[] | undefined): Record<string, string> | undefined {
  if (given === undefined) return undefined;
  return Object.fromEntries(
    given.map((label) => {
      const place = label.indexOf("=");
      if (place < 1) throw new UsageError(`--label ${label}: a label is name=value.`);
      return [label.slice(0, place), label.slice(place + 1)];
    }),
  );
}
