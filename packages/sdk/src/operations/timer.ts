import { cancelTimer, setTimer } from "@tape/store";
import { TapeError } from "@tape/core";
import { z } from "zod";
import type { Connection } from "../connect.ts";
import { checked } from "../given.ts";
import { ask } from "./step.ts";
import { idOf, type RunTarget } from "./target.ts";

/** When a timer is due, and what it brings. */
export type TimerOptions = {
  /** `redrive`, `reconcile`, or a kind with a handler of yours (`onTimer`). */
  kind: string;
  /** JSON, at most 1 MiB: what the handler is given. */
  payload?: unknown;
} & (
  | {
      /** Milliseconds from now by the database's clock. */
      inMs: number;
      at?: undefined;
    }
  | {
      /** The instant by the database's clock. In agent code make it of `now(run)` or of the input, never of the process's clock: a later drive must ask the same. */
      at: Date;
      inMs?: undefined;
    }
);

export interface SetTimer {
  /** ISO 8601 UTC. */
  fireAt: string;
}

const timerOptions = z.object({ kind: z.string(), inMs: z.number().optional(), at: z.date("a date is needed").optional() });

export function setTimerOperation(app: string, { store }: Connection) {
  return (target: RunTarget, timerId: string, options: TimerOptions): Promise<SetTimer> => {
    const runId = idOf(target);
    const { kind, payload } = checked("setTimer", timerOptions, options);
    return ask(app, {
      name: "setTimer",
      given: { runId, timerId, kind, payload, inMs: options.inMs, at: options.at },
      act: async ({ by }) => {
        const { fireAt } = await setTimer(await store(), { runId, id: timerId, kind, payload, ...dueOf(timerId, options), by });
        return { fireAt };
      },
    });
  };
}

export function cancelTimerOperation(app: string, { store }: Connection) {
  return (target: RunTarget, timerId: string): Promise<void> => {
    const runId = idOf(target);
    return ask<null, void>(app, {
      name: "cancelTimer",
      given: { runId, timerId },
      act: async ({ by }) => {
        await cancelTimer(await store(), { runId, id: timerId, by });
        return null;
      },
      answer: () => undefined,
    });
  };
}

function dueOf(timerId: string, { inMs, at }: TimerOptions): { inMs: number } | { fireAt: string } {
  if (inMs !== undefined) return { inMs };
  if (at !== undefined) return { fireAt: at.toISOString() };
  throw new TapeError("invalid_input", `timer ${timerId}: say inMs, in milliseconds, or at, a date`);
}
