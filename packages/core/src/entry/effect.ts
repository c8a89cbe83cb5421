import { z } from "zod";
import { recordedError } from "../error.ts";
import { instant } from "../json.ts";
import { DISPATCHES, SEMANTICS } from "../machine/effect.ts";

/** Who settled an effect: the drive that performed it, a driver that had lost its lease, a reactor, or a person. */
export const settledBy = z.enum(["driver", "late", "reconciler", "outbox", "person"]);
export type SettledBy = z.infer<typeof settledBy>;

const step = { effectId: z.string(), key: z.string() };
const settlement = { by: settledBy, actor: z.string().optional(), reason: z.string().optional() };

export const effectEntries = {
  intended: z.object({
    ...step,
    tool: z.string(),
    request: z.unknown(),
    fingerprint: z.string(),
    semantics: z.enum(SEMANTICS),
    dispatch: z.enum(DISPATCHES),
    businessKey: z.string().optional(),
    gateId: z.string().optional(),
    /** The code went on without its outcome: it was answered with the effect's id. */
    detached: z.boolean().optional(),
    /** The tool's own words for what it is about to do. */
    summary: z.string().optional(),
  }),
  /** One try of a retry policy failed; the next one follows after `retryInMs`, under the same key. */
  attempt_failed: z.object({ ...step, attempt: z.int(), error: recordedError, retryInMs: z.number() }),
  /** Found PENDING by a later drive and done again with its key. */
  resumed: z.object({ ...step, attempt: z.int() }),
  confirmed: z.object({
    ...step,
    ...settlement,
    result: z.unknown(),
    /** Why the result could not be stored; the code gets `ResultNotStorable`, every time. */
    notStorable: z.string().optional(),
    externalRef: z.string().optional(),
    /** The tool's own words for what it did. */
    summary: z.string().optional(),
    durationMs: z.number().optional(),
  }),
  failed: z.object({ ...step, ...settlement, error: recordedError, durationMs: z.number().optional() }),
  /** The acknowledgement was lost: it may have happened. */
  unknown: z.object({ ...step, error: recordedError.optional(), reason: z.string(), durationMs: z.number().optional() }),
  /** A person or an observation put it back to PENDING. */
  retried: z.object({ ...step, ...settlement }),
  observed: z.object({
    ...step,
    observation: z.enum(["confirmed", "failed", "absent", "duplicate", "inconclusive"]),
    checks: z.int(),
    nextCheckAt: instant.nullable(),
    message: z.string().optional(),
  }),
  /** An outcome settled by someone else reached the code. */
  delivered: z.object({ ...step }),
  /** A late outcome that contradicts the one that stands. */
  conflict: z.object({ ...step, outcome: z.enum(["confirmed", "failed"]), result: z.unknown(), standing: z.string(), by: settledBy }),
  /** A late FAILED of a driver without the lease: journaled, changes nothing. */
  late_failure: z.object({ ...step, error: recordedError }),
  in_flight: z.object({ ...step, claim: z.string() }),
};
