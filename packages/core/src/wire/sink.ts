import { z } from "zod";
import { instant } from "../json.ts";

/** STOPPED: its receiver wanted no more, and retention does not wait for it. */
export const SINK_STATUSES = ["DELIVERING", "RETRYING", "STOPPED"] as const;
export type SinkStatus = (typeof SINK_STATUSES)[number];

/** How far behind a sink is told to the entry up to this, and as this beyond it. */
export const SINK_BEHIND_MOST = 10_000;

/** A receiver of the journals of all runs, and where it stands. */
export const sink = z.object({
  id: z.string(),
  status: z.enum(SINK_STATUSES),
  /** Entries that it has not passed, those of kinds that it does not want too; `since`: when the oldest of them was recorded. */
  behind: z.object({ entries: z.int(), since: instant.nullable() }),
  /** How often its next delivery has failed. */
  attempts: z.int(),
  lastError: z.string().nullable(),
  nextAttemptAt: instant.nullable(),
  stoppedAt: instant.nullable(),
  /** When it last got on, failed or was stopped. */
  updatedAt: instant,
  /** Live workers that have it in their configuration; with none nobody delivers to it. */
  workers: z.int(),
});
export type Sink = z.infer<typeof sink>;
