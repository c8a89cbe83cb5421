import { z } from "zod";
import { usage } from "../entry/decision.ts";
import { recordedError } from "../error.ts";
import { instant } from "../json.ts";
import { DISPATCHES, EFFECT_STATUSES, SEMANTICS } from "../machine/effect.ts";
import { OBLIGATION_STATUSES } from "../machine/obligation.ts";

export const effect = z.object({
  id: z.string(),
  runId: z.string(),
  key: z.string(),
  tool: z.string(),
  status: z.enum(EFFECT_STATUSES),
  semantics: z.enum(SEMANTICS),
  dispatch: z.enum(DISPATCHES),
  request: z.unknown(),
  response: z.unknown(),
  /** Of a failed effect; of one that is PENDING in the outbox, why it was not sent the last time. */
  error: recordedError.nullable(),
  attempts: z.int(),
  businessKey: z.string().nullable(),
  externalRef: z.string().nullable(),
  summary: z.string().nullable(),
  /** UNKNOWN only: how often it was asked after, and when next. */
  checks: z.int(),
  nextCheckAt: instant.nullable(),
  /** PENDING in the outbox, after a sending that failed: when it is sent again. */
  nextAttemptAt: instant.nullable(),
  /** UNKNOWN: only a person can settle it. PENDING: its sending has failed so often that a person should look. */
  needsPerson: z.boolean(),
  createdAt: instant,
  settledAt: instant.nullable(),
});
export type Effect = z.infer<typeof effect>;

/** A person's word on an effect: it happened, it did not, or (IDEMPOTENT, or known to be absent) send it again. */
export const effectResolutionRequest = z.object({
  outcome: z.enum(["confirmed", "failed", "retry"]),
  reason: z.string().trim().min(1, "a reason is required").max(2000),
  result: z.unknown().optional(),
});

/** Money on the wire: an exact decimal and its ISO 4217 code. */
export const money = z.object({ amount: z.string(), currency: z.string() });

export const obligation = z.object({
  id: z.string(),
  runId: z.string(),
  effectId: z.string(),
  /** The compensator's name. */
  kind: z.string(),
  status: z.enum(OBLIGATION_STATUSES),
  payload: z.unknown(),
  attempts: z.int(),
  lastError: z.string().nullable(),
  /** While it backs off between attempts. */
  nextAttemptAt: instant.nullable(),
  /** One sentence of what undoing does, in the compensator's words. */
  summary: z.string().nullable(),
  /** What moves back: named by the compensator, else the money found in its effect's result or arguments. */
  amount: money.nullable(),
  createdAt: instant,
  settledAt: instant.nullable(),
});
export type Obligation = z.infer<typeof obligation>;

export const obligationResolutionRequest = z.object({
  outcome: z.enum(["done", "retry", "waived"]),
  reason: z.string().trim().min(1, "a reason is required").max(2000),
});

export const decision = z.object({
  index: z.int(),
  name: z.string(),
  model: z.string(),
  request: z.unknown(),
  response: z.unknown(),
  usage: usage.nullable(),
  rationale: z.string().nullable(),
  at: instant,
});
export type Decision = z.infer<typeof decision>;
