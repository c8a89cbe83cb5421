import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

async function runOne({ command, args, cwd, env, work }) {
  if (work) return await work();
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env, FORCE_COLOR: "0" }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  return { ok: code === 0, output };
}

/**
 * Runs checks, as many at a time as there are processors, and tells of each as it ends. A check is a program with its
 * arguments, or `work` that returns `{ ok, output }`.
 */
export async function runAll(checks, tell) {
  const queue = [...checks];
  const results = [];
  async function take() {
    for (let check = queue.shift(); check; check = queue.shift()) {
      const began = performance.now();
      const { ok, output } = await runOne(check).catch((error) => ({ ok: false, output: String(error) }));
      const result = { name: check.name, ok, output, ms: performance.now() - began };
      results.push(result);
      tell(result);
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, take));
  return results;
}
