import { z } from "zod";
import { instant } from "../json.ts";

const which = { timerId: z.string(), kind: z.string() };

export const timerEntries = {
  /** `key` is set when it is a step of its own (a sleep); `by` when it was set through `setTimer`. The same id again re-arms. */
  armed: z.object({ ...which, key: z.string().optional(), fireAt: instant, payload: z.unknown().optional(), by: z.string().optional() }),
  fired: z.object({ ...which, lastError: z.string().optional() }),
  attempt_failed: z.object({ ...which, attempt: z.int(), error: z.string(), nextAttemptAt: instant }),
  cancelled: z.object({ ...which, key: z.string().optional(), by: z.string().optional() }),
  /** A finished sleep reached the code. */
  delivered: z.object({ timerId: z.string(), key: z.string() }),
};
