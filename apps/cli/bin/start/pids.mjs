import { readFileSync, rmSync, mkdirSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { PIDS, STATE } from "./place.mjs";
import { Trouble } from "./trouble.mjs";

/** `.tape/pids.json`: process ids by name, always of what runs now. */
const pids = {};

export function record(name, pid) {
  if (pid === undefined) delete pids[name];
  else pids[name] = pid;
  mkdirSync(STATE, { recursive: true });
  writeFileSync(PIDS, `${JSON.stringify(pids, null, 2)}\n`);
}

/** Leaves the file of another launcher alone. */
export function forgetAll() {
  if (pids.launcher) rmSync(PIDS, { force: true });
}

function commandOf(pid) {
  try {
    if (process.platform === "linux") return readFileSync(path.join("/proc", String(pid), "cmdline"), "utf8");
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

/** Two launchers on one `.tape` folder would stop each other's database. */
export function refuseSecondLauncher() {
  let launcher;
  try {
    launcher = JSON.parse(readFileSync(PIDS, "utf8")).launcher;
  } catch {
    return;
  }
  if (!launcher || launcher === process.pid || !commandOf(launcher).includes("start.mjs")) return;
  throw new Trouble(`Tape is running here already (process ${launcher}): for a new sign-in link run npm run -s tape -- sign-in.`);
}
