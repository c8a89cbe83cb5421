import { z } from "zod";
import { instant } from "../json.ts";

export const signalEntries = {
  /** The code waits for the next signal of this name that nobody took yet. */
  awaited: z.object({ key: z.string(), name: z.string(), deadlineAt: instant.nullable() }),
  received: z.object({ signalId: z.string(), name: z.string(), payload: z.unknown(), by: z.string() }),
  delivered: z.object({ key: z.string(), signalId: z.string(), name: z.string() }),
  timed_out: z.object({ key: z.string(), name: z.string() }),
  timeout_delivered: z.object({ key: z.string(), name: z.string() }),
  /** The agent sent a signal to another run. */
  sent: z.object({ key: z.string(), fingerprint: z.string(), toRunId: z.string(), name: z.string(), signalId: z.string() }),
};
