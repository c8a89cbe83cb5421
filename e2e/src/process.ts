import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";

export const REPOSITORY = path.resolve(import.meta.dirname, "..", "..");

/** A process of ours, started as `npm start` starts it: node and tsx, nothing between a signal and it. */
export interface Process {
  readonly name: string;
  readonly pid: number;
  /** What its ready line said. */
  readonly ready: Record<string, unknown>;
  /** Everything it wrote, both streams. */
  output(): string;
  /** Sends the signal; does not wait. */
  signal(name: NodeJS.Signals): void;
  /** Resolves once it is gone. */
  readonly gone: Promise<void>;
  /** kill -9, and waits. */
  kill(): Promise<void>;
  /** SIGTERM, and waits; kill -9 after 20 s. */
  stop(): Promise<void>;
}

/**
 * Starts `main` and waits for its ready line, one JSON object with `"ready": true`.
 * @param options.preload imported before it
 * @throws when it ends before, with what it wrote
 */
export async function startProcess(name: string, main: string, env: Record<string, string>, { preload = [] }: { preload?: readonly string[] } = {}): Promise<Process> {
  const before = ["tsx", ...preload.map((file) => path.join(REPOSITORY, file))].flatMap((module) => ["--import", module]);
  const child = spawn(process.execPath, [...before, path.join(REPOSITORY, main)], {
    cwd: path.dirname(path.dirname(path.join(REPOSITORY, main))),
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stderr.on("data", (chunk) => (output += String(chunk)));
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const ready = await readyLine(name, child, (chunk) => (output += chunk), () => output);
  const signal = (which: NodeJS.Signals) => void child.kill(which);
  return {
    name,
    pid: child.pid ?? 0,
    ready,
    output: () => output,
    signal,
    gone,
    kill: async () => {
      signal("SIGKILL");
      await gone;
    },
    stop: async () => {
      // A stopped process (SIGSTOP) has to go on to hear it.
      signal("SIGCONT");
      signal("SIGTERM");
      const late = setTimeout(() => signal("SIGKILL"), 20_000);
      await gone;
      clearTimeout(late);
    },
  };
}

function readyLine(name: string, child: ChildProcess, keep: (chunk: string) => void, output: () => string): Promise<Record<string, unknown>> {
  let lines = "";
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code} before it was ready:\n${output()}`)));
    child.stdout?.on("data", (chunk) => {
      keep(String(chunk));
      lines += String(chunk);
      for (const line of lines.split("\n").slice(0, -1)) {
        if (line.startsWith("{") && line.includes('"ready":true')) resolve(JSON.parse(line) as Record<string, unknown>);
      }
    });
  });
}
