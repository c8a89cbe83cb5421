import { z } from "zod";
import { recordedError } from "../error.ts";
import { instant } from "../json.ts";

/** What a parked run waits for. Any one of the set makes it RUNNABLE again (D9). */
export const wait = z.discriminatedUnion("on", [
  z.object({ on: z.literal("gate"), gateId: z.string(), name: z.string() }),
  z.object({ on: z.literal("signal"), key: z.string(), name: z.string() }),
  /** `retries`: not a sleep of the code's, but what is left of the delay before the next try of a tool that failed. */
  z.object({ on: z.literal("sleep"), timerId: z.string(), until: instant, retries: z.object({ effectId: z.string(), tool: z.string() }).optional() }),
  /** `dispatch`: one of the outbox, which may outlive its run (D24). */
  z.object({ on: z.literal("effect"), effectId: z.string(), tool: z.string(), dispatch: z.literal("OUTBOX").optional() }),
]);
export type Wait = z.infer<typeof wait>;

/** Why a run stopped as STUCK, with what a person needs to judge it. */
export const stuckReason = z.discriminatedUnion("code", [
  z.object({ code: z.literal("nondeterminism"), message: z.string(), recorded: z.string().nullable(), asked: z.string().nullable() }),
  z.object({ code: z.literal("poison"), message: z.string(), redrives: z.int() }),
  z.object({ code: z.literal("compensation"), message: z.string(), obligationId: z.string() }),
]);
export type StuckReason = z.infer<typeof stuckReason>;

export const runEntries = {
  started: z.object({
    agent: z.string(),
    version: z.string().nullable(),
    invocationId: z.string(),
    input: z.unknown(),
    labels: z.record(z.string(), z.string()),
    startedBy: z.string(),
    parentRunId: z.string().optional(),
  }),
  /** A worker took the run: `taken` says from where (`stale`: from an owner that fell silent). */
  claimed: z.object({
    owner: z.string(),
    epoch: z.int(),
    version: z.string().nullable(),
    taken: z.enum(["runnable", "stale"]),
    previousOwner: z.string().nullable(),
  }),
  parked: z.object({ waits: z.array(wait) }),
  released: z.object({ reason: z.enum(["stopping", "backoff"]), dueAt: instant.nullable() }),
  completed: z.object({ output: z.unknown() }),
  failed: z.object({ error: recordedError }),
  stuck: z.object({ reason: stuckReason }),
  cancelled: z.object({ reason: z.string(), by: z.string(), settled: z.boolean() }),
  cancel_noticed: z.object({ owner: z.string() }),
  settled: z.object({ by: z.string() }),
  redriven: z.object({ by: z.string(), reason: z.string() }),
  compensating: z.object({ by: z.string(), reason: z.string() }),
  /** A worker took the walk; `previousOwner` held it and fell silent. */
  walk_claimed: z.object({ owner: z.string(), epoch: z.int(), previousOwner: z.string().nullable() }),
  walk_released: z.object({ reason: z.enum(["stopping", "compensator_missing"]) }),
  compensated: z.object({}),
  /** A value the code took from outside, so that every drive sees the same: `now`, `uuid`, `random`, `sample`. */
  sampled: z.object({ key: z.string(), name: z.string(), fingerprint: z.string(), value: z.unknown(), error: recordedError.optional() }),
  /** The agent started another run. */
  child: z.object({ key: z.string(), fingerprint: z.string(), runId: z.string(), agent: z.string(), resumed: z.boolean() }),
};
