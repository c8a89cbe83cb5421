import { z } from "zod";
import { recordedError } from "../error.ts";
import { instant } from "../json.ts";
import { RUN_STATUSES } from "../machine/run.ts";

/** Why a run that is not ended is where it is: a sentence for people, a code and a reference for machines. */
export const whyWaiting = z.object({
  code: z.enum([
    "gate",
    "signal",
    "sleep",
    "effect_unsettled",
    "effect_needs_person",
    "backoff",
    "no_worker",
    "no_worker_version",
    "queued",
    "running",
    "lease_lost",
    "cancelling",
    "compensating",
    "nondeterminism",
    "poison",
    "compensation_stuck",
    "no_compensator",
    "no_connector",
  ]),
  sentence: z.string(),
  until: instant.nullish(),
  /** The id of the gate, effect, obligation or worker that the sentence speaks of. */
  ref: z.string().nullish(),
});
export type WhyWaiting = z.infer<typeof whyWaiting>;

export const lease = z.object({ owner: z.string(), epoch: z.int(), expiresAt: instant });

/** Caps, what was spent, and what is set aside for model calls whose answer has not come, in integer millionths of a US dollar and in tokens. */
export const budget = z.object({
  capMicroUsd: z.int().nullable(),
  capTokens: z.int().nullable(),
  spentMicroUsd: z.int(),
  spentTokens: z.int(),
  reservedMicroUsd: z.int(),
  reservedTokens: z.int(),
});

/** `{ done, total, label? }` at `runs/<runId>` / `progress`. */
export const progress = z.object({ done: z.number(), total: z.number(), label: z.string().optional() });

/** A run without its bodies: what a list shows. */
export const runSummary = z.object({
  id: z.string(),
  app: z.string(),
  agent: z.string(),
  version: z.string().nullable(),
  invocationId: z.string(),
  status: z.enum(RUN_STATUSES),
  /** How the run had ended before it was compensated. */
  endedAs: z.enum(["COMPLETED", "FAILED", "CANCELLED"]).nullable(),
  whyWaiting: z.array(whyWaiting),
  cancelReason: z.string().nullable(),
  cancelledBy: z.string().nullable(),
  cancelledAt: instant.nullable(),
  cancelNoticedAt: instant.nullable(),
  settledAt: instant.nullable(),
  labels: z.record(z.string(), z.string()),
  startedBy: z.string(),
  seq: z.int(),
  lease: lease.nullable(),
  budget: budget,
  progress: progress.nullable(),
  /** Effects that are PENDING or UNKNOWN. */
  unsettled: z.int(),
  createdAt: instant,
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
});
export type RunSummary = z.infer<typeof runSummary>;

export const run = runSummary.extend({
  input: z.unknown(),
  output: z.unknown(),
  error: recordedError.nullable(),
});
export type Run = z.infer<typeof run>;

export const runLabels = z.record(
  z.string().min(1).max(64).regex(/^[^:\u0000]+$/, "a label's name has no colon"),
  z.string().max(256).regex(/^[^\u0000]*$/),
);

/** Milliseconds are not dollars: both caps are integers, in millionths of a US dollar and in tokens. */
export const budgetRequest = z.object({
  capMicroUsd: z.int().positive().optional(),
  capTokens: z.int().positive().optional(),
});

const name = z.string().min(1).max(200).regex(/^[^\u0000]+$/);

export const startRunRequest = z.object({
  agent: name,
  input: z.unknown().optional(),
  invocationId: name.optional(),
  labels: runLabels.optional(),
  budget: budgetRequest.optional(),
});
export type StartRunRequest = z.infer<typeof startRunRequest>;

/** 201 when new; 200 with `resumed: true` when the invocation is known. */
export const startRunAnswer = run.extend({ resumed: z.boolean() });

/** What `GET /runs` and `watchRuns` filter by. `q` finds the beginning of an id or an invocation id, or a label value. */
export const runFilter = z.object({
  status: z.array(z.enum(RUN_STATUSES)).optional(),
  agent: z.string().optional(),
  /** `name:value` */
  label: z.string().regex(/^[^:]+:.*$/, "a label filter is name:value").optional(),
  q: z.string().max(200).optional(),
  /** Only runs created at or after. */
  since: instant.optional(),
});
export type RunFilter = z.infer<typeof runFilter>;

export const signalRequest = z.object({ name: name, payload: z.unknown().optional() });
export const reasonRequest = z.object({ reason: z.string().trim().min(1, "a reason is required").max(2000) });
