import { z } from "zod";
import { recordedError } from "../error.ts";

/** What one model call cost: tokens, and integer millionths of a US dollar. */
export const usage = z.object({
  inputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  costMicroUsd: z.int().nonnegative().optional(),
});
export type Usage = z.infer<typeof usage>;

export const decisionEntries = {
  /** Committed before the model is called. `attempt` above 1: an earlier answer was lost and it is asked again. */
  asked: z.object({
    key: z.string(),
    index: z.int(),
    name: z.string(),
    model: z.string(),
    request: z.unknown(),
    fingerprint: z.string(),
    attempt: z.int(),
  }),
  answered: z.object({
    key: z.string(),
    index: z.int(),
    response: z.unknown(),
    usage: usage.optional(),
    rationale: z.string().optional(),
    durationMs: z.number(),
    notStorable: z.string().optional(),
  }),
  failed: z.object({ key: z.string(), index: z.int(), error: recordedError, durationMs: z.number() }),
};
