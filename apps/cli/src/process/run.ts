import { spawn } from "node:child_process";
import os from "node:os";
import { processVariables } from "../env.ts";
import type { ExitCode } from "../exit.ts";

export interface Program {
  args: readonly string[];
  env?: Record<string, string>;
  cwd?: string;
}

/**
 * Runs `node` with these arguments on this terminal, and ends as it ends. Ctrl-C reaches the child by the terminal, and a
 * signal sent to this process is passed on: the child stops in order, this process waits for it.
 */
export async function runNode({ args, env, cwd }: Program): Promise<ExitCode> {
  const child = spawn(process.execPath, args, { stdio: "inherit", cwd, env: { ...processVariables(), ...env } });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  const ignore = () => {};
  process.on("SIGTERM", pass).on("SIGHUP", pass).on("SIGINT", ignore);
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (...ended) => resolve(ended));
    });
    // As a shell reports it; the child's own code is not one of ours.
    return (signal === null ? (code ?? 0) : 128 + os.constants.signals[signal]) as ExitCode;
  } finally {
    process.off("SIGTERM", pass).off("SIGHUP", pass).off("SIGINT", ignore);
  }
}
