import { z } from "zod";

/** The one PostgreSQL channel that hints travel on. */
export const HINT_CHANNEL = "tape_hints";

/**
 * A tap on the shoulder: ids and numbers only. Whoever gets one reads the rows again; whoever misses one finds
 * the same by polling.
 */
export const hint = z.discriminatedUnion("on", [
  /** The run's journal grew to `seq`. `wake`: it became RUNNABLE. `gates`: one of its gates changed. */
  z.object({ on: z.literal("run"), id: z.string(), seq: z.int(), wake: z.boolean().optional(), gates: z.boolean().optional() }),
  z.object({ on: z.literal("value"), namespace: z.string(), key: z.string(), version: z.int() }),
  /** A timer was armed that is due at `at` (ms since 1970 by the database's clock). */
  z.object({ on: z.literal("timer"), at: z.number() }),
  /** An effect became UNKNOWN, or a person asked for something that the reactors do. */
  z.object({ on: z.literal("reactors") }),
]);
export type Hint = z.infer<typeof hint>;
export const hints = z.array(hint);
