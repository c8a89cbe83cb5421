import { spawn, type ChildProcess } from "node:child_process";
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

export interface Started {
  child: ChildProcess;
  /** Resolves once it has said it, on stdout or stderr. */
  until(pattern: RegExp, withinMs?: number): Promise<void>;
  ended: Promise<Ended>;
}

/** The command as it is installed, in a process of its own that goes on. */
export function startTape(variables: Variables, ...args: string[]): Started {
  return start({ variables }, args);
}

/** The same, to its end. */
export function spawnTape(options: { variables?: Variables; input?: string; cwd?: string }, ...args: string[]): Promise<Ended> {
  return start(options, args).ended;
}

function start({ variables = {}, input, cwd }: { variables?: Variables; input?: string; cwd?: string }, args: readonly string[]): Started {
  const bin = path.resolve(import.meta.dirname, "..", "..", "bin", "tape.mjs");
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...process.env, ...NOWHERE, ...variables }, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(input ?? "");
  let out = "";
  let err = "";
  const looks = new Set<() => void>();
  child.stdout.on("data", (chunk) => {
    out += String(chunk);
    for (const look of looks) look();
  });
  child.stderr.on("data", (chunk) => {
    err += String(chunk);
    for (const look of looks) look();
  });
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, out, err })));
  return {
    child,
    ended,
    until: (pattern, withinMs = 20_000) =>
      new Promise((resolve, reject) => {
        const deadline = setTimeout(() => finish(new Error(`tape ${args.join(" ")} never said ${String(pattern)}:\n${out}${err}`)), withinMs);
        const look = () => (pattern.test(out) || pattern.test(err) ? finish() : undefined);
        const finish = (error?: Error) => {
          clearTimeout(deadline);
          looks.delete(look);
          if (error) reject(error);
          else resolve();
        };
        looks.add(look);
        void ended.then(() => look() ?? finish(new Error(`tape ${args.join(" ")} ended:\n${out}${err}`)));
        look();
      }),
  };
}
