import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { eachLine, read } from "./lines.mjs";
import { record } from "./pids.mjs";
import { LOGS, short } from "./place.mjs";
import { paint, say } from "./terminal.mjs";
import { Trouble } from "./trouble.mjs";

const ORPHAN = pathToFileURL(path.join(import.meta.dirname, "orphan.mjs")).href;
const READY_MS = 60_000;
const FIRST_RESTART_MS = 250;
const LONGEST_RESTART_MS = 10_000;
/** A child that ran this long before it ended begins its back-off anew. */
const STEADY_MS = 30_000;
const LOG_LIMIT = 20_000_000;

function openLog(name) {
  mkdirSync(LOGS, { recursive: true });
  const file = path.join(LOGS, `${name}.log`);
  if (existsSync(file) && statSync(file).size > LOG_LIMIT) renameSync(file, `${file}.1`);
  return { file, stream: createWriteStream(file, { flags: "a" }) };
}

/**
 * One process of Tape, kept running: `node --import tsx <main>` and nothing between it and a signal. In a session of its
 * own, so that Ctrl-C reaches the launcher alone, which stops its children in order.
 *
 * It is ready when it prints a JSON line `{"ready":true}` on stdout. One that ends before its first word is an error;
 * later it is started again, after 250 ms, then twice that, up to 10 s.
 */
export function keepRunning({ name, cwd, main, env, graceMs }) {
  const { file, stream: log } = openLog(name);
  let child;
  let isStopping = false;
  let delayMs = FIRST_RESTART_MS;
  let timer;
  let wasReady = false;
  const first = Promise.withResolvers?.() ?? withResolvers();
  first.promise.catch(() => {});

  function start() {
    const began = performance.now();
    let lastWord = "";
    child = spawn(process.execPath, ["--import", "tsx", "--import", ORPHAN, path.join(cwd, main)], {
      cwd,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    child.stdio[3].on("error", () => {});
    record(name, child.pid);
    const take = (isError) => (line) => {
      log.write(`${line}\n`);
      const { kind, text } = read(line, isError);
      if (kind === "ready") {
        wasReady = true;
        first.resolve();
      }
      if (text) lastWord = text.slice(0, 300);
      if (kind === "warning" && !isStopping) say(`  ${paint("yellow", name.padEnd(8))} ${lastWord}`);
    };
    eachLine(child.stdout, take(false));
    eachLine(child.stderr, take(true));
    child.once("error", (error) => first.reject(error));
    child.once("close", (code, signal) => {
      record(name, undefined);
      if (isStopping) return;
      if (!wasReady) return first.reject(new Trouble(`${name} stopped while starting${lastWord && `: ${lastWord}`} (${short(file)})`));
      if (performance.now() - began > STEADY_MS) delayMs = FIRST_RESTART_MS;
      say(`  ${paint("yellow", name.padEnd(8))} ended (${signal ?? code})${lastWord && `: ${lastWord}`}; starting again in ${delayMs / 1000} s`);
      timer = setTimeout(start, delayMs);
      delayMs = Math.min(delayMs * 2, LONGEST_RESTART_MS);
    });
  }

  start();
  const late = setTimeout(() => first.reject(new Trouble(`${name} is not ready after ${READY_MS / 1000} s: read ${short(file)}`)), READY_MS);
  const ready = first.promise.finally(() => clearTimeout(late));
  ready.catch(() => {});

  const isGone = () => child.exitCode !== null || child.signalCode !== null;

  return {
    name,
    ready,
    /** Asks it to end, insists after the grace period or when `hurry` aborts, and waits until it is gone. */
    async stop(hurry) {
      isStopping = true;
      clearTimeout(timer);
      clearTimeout(late);
      if (isGone()) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      const insist = () => child.kill("SIGKILL");
      child.kill(hurry.aborted ? "SIGKILL" : "SIGTERM");
      const limit = setTimeout(insist, graceMs);
      hurry.addEventListener("abort", insist, { once: true });
      await gone;
      clearTimeout(limit);
      record(name, undefined);
    },
  };
}

function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
