import { z } from "zod";
import { recordedError } from "../error.ts";
import { instant } from "../json.ts";

const which = { obligationId: z.string(), effectId: z.string() };

export const obligationEntries = {
  registered: z.object({ ...which, compensator: z.string(), summary: z.string().optional(), reason: z.enum(["confirmed", "duplicate", "conflict"]) }),
  armed: z.object({ ...which }),
  /** `reason`: a person says that it is done. */
  compensated: z.object({ ...which, by: z.string(), result: z.unknown().optional(), reason: z.string().optional(), durationMs: z.number().optional() }),
  attempt_failed: z.object({ ...which, attempt: z.int(), error: recordedError, nextAttemptAt: instant }),
  stuck: z.object({ ...which, error: recordedError }),
  retried: z.object({ ...which, by: z.string(), reason: z.string() }),
  waived: z.object({ ...which, by: z.string(), reason: z.string() }),
};
