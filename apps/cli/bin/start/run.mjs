import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { LOGS, short } from "./place.mjs";
import { Trouble } from "./trouble.mjs";

const running = new Set();

/** Ends what {@link run} has under way; for a Ctrl-C while Tape is still starting. */
export function endRuns() {
  for (const child of running) child.kill("SIGTERM");
}

/**
 * Runs a program to its end with its output in `.tape/log/<name>.log`, and returns what it printed. When it fails, the
 * line says so, with the last thing it said and where the rest is.
 */
export async function run({ name, command, args, cwd, env, failure, onLine }) {
  await mkdir(LOGS, { recursive: true });
  const file = path.join(LOGS, `${name}.log`);
  const log = createWriteStream(file);
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" && command === "npx" });
  running.add(child);
  let output = "";
  let last = "";
  const take = (chunk) => {
    log.write(chunk);
    output += chunk;
    for (const line of String(chunk).split("\n")) {
      if (!line.trim() || line.includes("A complete log of this run")) continue;
      last = line.trim();
      onLine?.(last);
    }
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve)).finally(() => running.delete(child));
  log.end();
  if (code !== 0) throw new Trouble(`${failure}: ${last.slice(0, 200) || `it ended with ${code}`} (${short(file)})`);
  return output;
}
