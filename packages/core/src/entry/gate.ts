import { z } from "zod";
import { instant } from "../json.ts";
import { GATE_OUTCOMES } from "../machine/gate.ts";

/** One line of a gate's card. `path` points into the payload (`total`, `rows.0.amount`); `as` says how to draw it. */
export const displayField = z.object({
  label: z.string(),
  path: z.string(),
  as: z.enum(["text", "money", "date", "table", "json"]),
});

/** The words a gate brings with it, so that an approver reads sentences and not a payload. */
export const gateDisplay = z.object({
  title: z.string(),
  question: z.string().optional(),
  fields: z.array(displayField).default([]),
  onApprove: z.string().optional(),
  onReject: z.string().optional(),
  onExpiry: z.string().optional(),
});
export type GateDisplay = z.infer<typeof gateDisplay>;

/** A field the approver fills in; the values come back with the approval. */
export const gateFormField = z.object({
  name: z.string(),
  label: z.string(),
  type: z.enum(["text", "textarea", "number", "boolean", "select", "date"]),
  required: z.boolean().default(false),
  options: z.array(z.string()).optional(),
});
export const gateForm = z.array(gateFormField);
export type GateForm = z.infer<typeof gateForm>;

export const risk = z.enum(["low", "medium", "high"]);
export type Risk = z.infer<typeof risk>;

const which = { gateId: z.string(), name: z.string() };

/** What a gate's decision brings back to the code. */
export const gateDecision = z.object({
  gateId: z.string(),
  outcome: z.enum(GATE_OUTCOMES),
  values: z.record(z.string(), z.unknown()).nullable(),
  comment: z.string().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: instant,
});
export type GateDecision = z.infer<typeof gateDecision>;

export const gateEntries = {
  opened: z.object({
    ...which,
    key: z.string(),
    occurrence: z.int(),
    payload: z.unknown(),
    form: gateForm.nullable(),
    risk: risk.nullable(),
    display: gateDisplay.nullable(),
    assignees: z.array(z.string()),
    quorum: z.int(),
    /** Over `{ name, payload, form, risk, display }`: what the approver saw. */
    fingerprint: z.string(),
    deadlineAt: instant.nullable(),
  }),
  voted: z.object({ ...which, outcome: z.enum(["approved", "rejected"]), by: z.string(), comment: z.string().nullable() }),
  decided: z.object({ ...which, ...gateDecision.shape, fingerprint: z.string() }),
  timed_out: z.object({ ...which, decidedAt: instant }),
  cancelled: z.object({ ...which, reason: z.enum(["payload_changed", "run_ended"]) }),
  extended: z.object({ ...which, deadlineAt: instant, by: z.string(), reason: z.string().optional() }),
  /** The decision reached the code. */
  delivered: z.object({ ...which, key: z.string() }),
};
