import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import type { Answers, Question } from "./probe.ts";
import type { BenchWorker } from "./worker.ts";

const BENCH = path.resolve(import.meta.dirname, "../..");
const WORKER = path.resolve(BENCH, "../worker");

export interface WorkerProcess extends BenchWorker {
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
}

export interface WorkerProcessOptions {
  databaseUrl: string;
  /** A file that gets a line for each step's body that runs. */
  stepsFile?: string;
}

/** The worker that users run, `apps/worker`, on the agents of the bench. Resolves once it takes runs. @throws when it ends before */
export async function startWorkerProcess({ databaseUrl, stepsFile = "" }: WorkerProcessOptions): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", path.join(WORKER, "src/main.ts")], {
    cwd: WORKER,
    env: { PATH: path.dirname(process.execPath), DATABASE_URL: databaseUrl, TAPE_CONFIG: path.join(BENCH, "tape.config.ts"), TAPE_LOG: "warn", BENCH_STEPS_FILE: stepsFile },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await ready(child);
  const ask = askOver(child);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await gone;
  };
  return {
    cpuMs: () => ask("cpuMs"),
    memoryMb: () => ask("memoryMb"),
    marks: () => ask("marks"),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

function ready(child: ChildProcess): Promise<void> {
  let said = "";
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", (chunk) => (said += String(chunk)));
    child.stdout?.on("data", (chunk) => String(chunk).includes('"ready":true') && resolve());
    child.once("exit", (code) => reject(new Error(`the worker ended with ${code} before it was ready:\n${said}`)));
  });
}

function askOver(child: ChildProcess) {
  const waiting = new Map<number, (answer: unknown) => void>();
  let asked = 0;
  child.on("message", ({ number, answer }: { number: number; answer: unknown }) => {
    waiting.get(number)?.(answer);
    waiting.delete(number);
  });
  return <Ask extends keyof Answers>(ask: Ask): Promise<Answers[Ask]> =>
    new Promise((resolve, reject) => {
      const number = ++asked;
      waiting.set(number, resolve as (answer: unknown) => void);
      child.send({ number, ask } satisfies Question, (error) => error && reject(error));
    });
}
