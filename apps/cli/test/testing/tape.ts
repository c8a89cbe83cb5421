import { spawn } from "node:child_process";
import path from "node:path";
import { runCommandLine } from "../../src/command-line.ts";
import type { Terminal } from "../../src/print/terminal.ts";

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

type Variables = Record<string, string | undefined>;

/** Nothing of the surroundings of the tests leaks in. */
export const NOWHERE: Variables = { DATABASE_URL: "", TAPE_URL: "", TAPE_TOKEN: "", TAPE_DIR: "/nonexistent", BANK_URL: "", PORT: "", HOST: "" };

const plain = (text: string) => text;

/** One command line in this process: fast, and the same code down to the terminal. */
export async function tape(variables: Variables, ...args: string[]): Promise<Ended> {
  let out = "";
  let err = "";
  const terminal: Terminal = {
    print: (text) => void (out += `${text}\n`),
    say: (text) => void (err += `${text}\n`),
    width: Number.POSITIVE_INFINITY,
    isInteractive: false,
    paint: { quiet: plain, live: plain, person: plain, operator: plain, undone: plain, dim: plain, bold: plain },
  };
  const code = await runCommandLine(args, { ...NOWHERE, ...variables }, terminal);
  return { code, out, err };
}

/** The command as it is installed, in a process of its own. */
export async function spawnTape({ variables = {}, input, cwd }: { variables?: Variables; input?: string; cwd?: string }, ...args: string[]): Promise<Ended> {
  const bin = path.resolve(import.meta.dirname, "..", "..", "bin", "tape.mjs");
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...process.env, ...NOWHERE, ...variables }, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(input ?? "");
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  child.stderr.on("data", (chunk) => (err += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, out, err };
}
