import { spawn } from "node:child_process";
import path from "node:path";
import type { Place } from "./place.ts";

/** A PostgreSQL program that ended with another code than 0; `output` is what it said. */
export class ProgramFailed extends Error {
  readonly output: string;

  constructor(program: string, code: number | null, output: string) {
    super(`${program} failed (${code ?? "killed"}): ${output.trim().split("\n").at(-1) ?? ""}`);
    this.name = "ProgramFailed";
    this.output = output;
  }
}

/**
 * Runs one of the server's programs as its user, in a session of its own, so that Ctrl-C in our terminal reaches us
 * and not the server.
 */
export function run({ nativeDir, home, user }: Pick<Place, "nativeDir" | "home" | "user">, program: "initdb" | "pg_ctl", args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(nativeDir, "bin", program), args, {
      ...user,
      cwd: home,
      detached: true,
      // A language or a PGDATA of the person's own would change what these programs do.
      env: process.platform === "win32" ? undefined : { LC_ALL: "C", TZ: "UTC", NODE_ENV: "production" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", reject);
    // "exit", not "close": the postmaster inherits the pipes of the pg_ctl that started it.
    child.once("exit", (code) => {
      child.stdout.destroy();
      child.stderr.destroy();
      if (code === 0) resolve();
      else reject(new ProgramFailed(program, code, output));
    });
  });
}
