import { clientConfig } from "@tape/prisma";
import { Worker } from "node:worker_threads";
import { within } from "../within.ts";
import { lockKeyOf } from "./lock-key.ts";
import { statements } from "./statements.ts";

/** What the thread is started with. */
export interface ThreadData {
  id: string;
  client: Omit<ReturnType<typeof clientConfig>, "types">;
  statements: typeof import("./statements.ts").statements;
  lockKey: number;
  beatMs: number;
}

/** What travels with each beat. */
export interface BeatState {
  /** How many runs it drives. */
  running: number;
  /** It takes no more. */
  stopping: boolean;
}

export type ToThread = { type: "state"; state: BeatState } | { type: "leave" };

export type FromThread =
  /** It was said. `steadyMs`: for how long without a gap. */
  | { type: "beat"; steadyMs: number }
  /** The connection was lost, or could not be made. */
  | { type: "silent"; message: string }
  /** The worker's row is gone: it was taken for dead long ago. */
  | { type: "forgotten" }
  | { type: "sessions_do_not_last" };

export interface ThreadOptions {
  id: string;
  connectionString: string;
  beatMs: number;
  onMessage: (message: FromThread) => void;
  /** It ended though nobody asked it to. */
  onCrash: (error: unknown) => void;
}

export interface BeatThread {
  tell(state: BeatState): void;
  /** Ends it: in order, or after `timeoutMs` anyhow. */
  leave(timeoutMs: number): Promise<void>;
}

export function startThread({ id, connectionString, beatMs, onMessage, onCrash }: ThreadOptions): BeatThread {
  const { types: _, ...client } = clientConfig({ connectionString, applicationName: "tape presence" });
  const data: ThreadData = { id, client, statements, lockKey: lockKeyOf(id), beatMs };
  const thread = new Worker(new URL("./thread.mjs", import.meta.url), {
    name: "tape presence",
    workerData: data,
    // No loader of the main thread, and no more memory than one connection needs.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  });
  let isAsked = false;
  let problem: unknown;
  const exited = new Promise<void>((resolve) => {
    thread.once("exit", (code) => {
      resolve();
      if (!isAsked) onCrash(problem ?? new Error(`the presence thread ended with code ${code}`));
    });
  });
  thread.on("message", onMessage);
  thread.on("error", (error) => (problem = error));
  const send = (message: ToThread) => thread.postMessage(message);
  return {
    tell: (state) => send({ type: "state", state }),
    leave: async (timeoutMs) => {
      isAsked = true;
      send({ type: "leave" });
      await within(exited, timeoutMs);
      await thread.terminate();
    },
  };
}
