import { z } from "zod";
import { gateDisplay, gateForm, risk } from "../entry/gate.ts";
import { instant } from "../json.ts";
import { GATE_OUTCOMES, GATE_STATUSES } from "../machine/gate.ts";

export const gate = z.object({
  id: z.string(),
  runId: z.string(),
  /** The run's agent, for lists that do not load the run. */
  agent: z.string(),
  name: z.string(),
  occurrence: z.int(),
  status: z.enum(GATE_STATUSES),
  payload: z.unknown(),
  form: gateForm.nullable(),
  display: gateDisplay.nullable(),
  risk: risk.nullable(),
  /** `user:<email>` or `role:<role>`; empty = any approver. */
  assignees: z.array(z.string()),
  quorum: z.int(),
  fingerprint: z.string(),
  openedAt: instant,
  deadlineAt: instant.nullable(),
  outcome: z.enum(GATE_OUTCOMES).nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: instant.nullable(),
  comment: z.string().nullable(),
  decisions: z.array(z.object({ by: z.string(), outcome: z.enum(["approved", "rejected"]), at: instant, comment: z.string().nullable() })),
});
export type Gate = z.infer<typeof gate>;

export const gateDecisionRequest = z.object({
  outcome: z.enum(["approved", "rejected"]),
  values: z.record(z.string(), z.unknown()).optional(),
  comment: z.string().max(4000).optional(),
  /** The fingerprint of the card that was shown. A decision on other words is void. */
  fingerprint: z.string(),
});
/** More time for an open gate: so many ms from now by the database's clock. */
export const gateExtensionRequest = z.object({
  forMs: z.int().positive().max(366 * 24 * 3_600_000),
  reason: z.string().trim().min(1, "a reason is required").max(2000),
});
export type GateExtensionRequest = z.infer<typeof gateExtensionRequest>;
export type GateDecisionRequest = z.infer<typeof gateDecisionRequest>;
