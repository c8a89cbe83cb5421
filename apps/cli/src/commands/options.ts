import { readFile } from "node:fs/promises";
import { InvalidArgumentError, Option } from "commander";
import { UsageError } from "../exit.ts";

export const jsonOption = () => new Option("--json", "print JSON");

/** A page's size, as the API has it. */
export const limitOption = () => new Option("--limit <n>", "how many, at most 200").argParser(wholeNumber(1, 200)).default(50);

export const reasonOption = () => new Option("--reason <text>", "why; it is kept in the audit log").argParser(text("a reason")).makeOptionMandatory();

export function wholeNumber(least: number, most: number) {
  return (given: string): number => {
    const value = Number(given);
    if (!/^\d+$/.test(given) || value < least || value > most) throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
    return value;
  };
}

export function text(what: string) {
  return (given: string): string => {
    if (given.trim() === "") throw new InvalidArgumentError(`It needs ${what}.`);
    return given;
  };
}

/** Collects an option that may be given several times. */
export function several(given: string, before: string[] = []): string[] {
  return [...before, given];
}

/**
 * JSON given as it is, or as `@file`; `@-` is stdin.
 *
 * @throws {UsageError} naming the option and where the JSON breaks
 */
export async function readJsonArgument(given: string, what: string): Promise<unknown> {
  const source = given.startsWith("@") ? await readNamed(given.slice(1), what) : given;
  try {
    return JSON.parse(source) as unknown;
  } catch (error) {
    throw new UsageError(`${what} is not JSON: ${(error as Error).message}`);
  }
}

/** @throws {UsageError} */
export async function readNamed(file: string, what: string): Promise<string> {
  if (file === "-") return readStdin();
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const said = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "that is a folder" : code === "EACCES" ? "it may not be read" : message;
    throw new UsageError(`${what} ${file}: ${said}.`);
  }
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
