import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { LOGS } from "../start/place.mjs";

const running = new Set();

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    for (const child of running) child.kill("SIGTERM");
    setTimeout(() => process.exit(1), 5_000).unref();
  });
}

/**
 * Runs Node on a file to its end, its output kept and copied to `.tape/log/test-<name>.log`.
 *
 * @returns `code` is null when it was killed, as it is after `limitMs`.
 */
export async function runNode({ name, args, cwd, env, limitMs }) {
  await mkdir(LOGS, { recursive: true });
  const log = createWriteStream(path.join(LOGS, `test-${name.replaceAll("/", "-")}.log`));
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
      log.write(chunk);
    });
  }
  const limit = setTimeout(() => child.kill("SIGTERM"), limitMs);
  const last = setTimeout(() => child.kill("SIGKILL"), limitMs + 10_000);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  clearTimeout(limit);
  clearTimeout(last);
  running.delete(child);
  log.end();
  return { code, output };
}
