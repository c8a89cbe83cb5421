import { foreign, relativeTime, sayActor, TapeError, type Value, type ValueChange } from "@tape/core";
import type { Command } from "commander";
import type { Backend } from "../backend/backend.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../exit.ts";
import { untilInterrupted } from "../interrupt.ts";
import { printJson, printJsonLine } from "../print/json.ts";
import { table } from "../print/table.ts";
import { jsonOption, limitOption, readJsonArgument, wholeNumber } from "./options.ts";

const version = wholeNumber(0, Number.MAX_SAFE_INTEGER);

export function addValues(program: Command, context: Context): void {
  const values = program.command("values").description("read, write and watch values").helpCommand(false);
  for (const add of [addGet, addSet, addDelete, addList, addWatch]) add(values, context);
}

function addGet(values: Command, context: Context): void {
  const { terminal } = context;
  named(values.command("get"))
    .description("print a value as JSON")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, namespace: string, key: string, { json }: { json?: true }) => {
        const value = await liveValue(backend, namespace, key);
        printJson(terminal, json ? value : value.value);
      }),
    );
}

function addSet(values: Command, context: Context): void {
  const { terminal } = context;
  named(values.command("set"))
    .description("write a value; prints its version")
    .argument("<json>", "the value, or @file")
    .option("--if-version <n>", "only if this is its version still", version)
    .option("--if-new", "only if there is no value")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, namespace: string, key: string, given: string, { ifVersion, ifNew, json }: { ifVersion?: number; ifNew?: true; json?: true }) => {
        if (ifVersion !== undefined && ifNew) throw new UsageError("Give --if-version or --if-new, not both.");
        const value = await readJsonArgument(given, "The value");
        const written = await backend.setValue({ namespace, key }, value, { ...(ifVersion !== undefined && { ifVersion }), ...(ifNew && { ifNotLive: true }) });
        if (json) printJson(terminal, written);
        else terminal.print(`version ${written.version}`);
      }),
    );
}

function addDelete(values: Command, context: Context): void {
  const { terminal } = context;
  named(values.command("delete"))
    .description("delete a value; its versions go on")
    .option("--if-version <n>", "only if this is its version still", version)
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, namespace: string, key: string, { ifVersion, json }: { ifVersion?: number; json?: true }) => {
        const tombstone = await backend.deleteValue({ namespace, key }, ifVersion === undefined ? {} : { ifVersion });
        if (json) printJson(terminal, tombstone);
        else terminal.print(`version ${tombstone.version}, deleted`);
      }),
    );
}

function addList(values: Command, context: Context): void {
  const { terminal } = context;
  values
    .command("list")
    .description("list a namespace's values, or the namespaces")
    .argument("[namespace]", "like runs/run_…")
    .addOption(limitOption())
    .option("--cursor <cursor>", "the page after this one, from the last page")
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, namespace: string | undefined, { limit, cursor, json }: { limit: number; cursor?: string; json?: true }) => {
        const paging = { limit, ...(cursor !== undefined && { cursor }) };
        const page = namespace === undefined ? await backend.listNamespaces(paging) : await backend.listValues(namespace, paging);
        if (json) return printJson(terminal, page);
        if (page.items.length === 0) return terminal.say(namespace === undefined ? "Nothing has been written." : `There are no values in ${foreign(namespace, 200)}.`);
        const now = await backend.now();
        const rows = page.items.map((item) =>
          "keys" in item
            ? [foreign(item.namespace, 200), String(item.keys), relativeTime(item.at, now)]
            : [foreign(item.key, 100), `v${item.version}`, relativeTime(item.at, now), sayActor(item.writer), sayValue(item)],
        );
        const heads = namespace === undefined ? ["namespace", "keys", "written"] : ["key", "version", "written", "by", ""];
        terminal.print(table(terminal, heads.map((head) => ({ head })), rows));
        if (page.nextCursor !== null) terminal.say(`More: add --cursor ${page.nextCursor}`);
      }),
    );
}

function addWatch(values: Command, context: Context): void {
  const { terminal } = context;
  named(values.command("watch"))
    .description("follow a value: a line per version, until Ctrl-C")
    .option("--from <version>", "what comes after this version; 0 for all that is kept; from now on when left out", version)
    .addOption(jsonOption())
    .action(
      context.onBackend(async (backend, namespace: string, key: string, { from, json }: { from?: number; json?: true }) => {
        const name = { namespace, key };
        const fromVersion = from ?? (await backend.getValue(name))?.version ?? 0;
        await untilInterrupted(async (signal) => {
          for await (const change of backend.watchValue(name, fromVersion, signal)) {
            if (json) printJsonLine(terminal, change);
            else terminal.print(sayChange(change));
          }
        });
      }),
    );
}

function named(command: Command): Command {
  return command.argument("<namespace>", "like runs/run_…").argument("<key>", "like progress");
}

async function liveValue(backend: Backend, namespace: string, key: string): Promise<Value> {
  const value = await backend.getValue({ namespace, key });
  if (value !== null && !value.deleted) return value;
  const was = value === null ? "" : `: it was deleted, version ${value.version}`;
  throw new TapeError("not_found", `There is no value ${key} in ${namespace}${was}.`);
}

/** `10:42:13  v4  {"done":3,"total":5}`. */
function sayChange(change: ValueChange): string {
  const skipped = change.skipped > 0 ? `  (${change.skipped} before it are no longer kept)` : "";
  return `${change.at.slice(11, 19)}  v${change.version}  ${sayValue(change)}${skipped}`;
}

function sayValue({ value, deleted }: Pick<Value, "value" | "deleted">): string {
  return deleted ? "deleted" : foreign(JSON.stringify(value), 400);
}
