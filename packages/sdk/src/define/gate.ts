import { gateDisplay, gateForm, invalidInput, risk, type GateDecision, type GateDisplay, type GateForm, type Risk } from "@tape/core";
import { z } from "zod";
import { aFunction, aGate, checked, LONGEST_MS } from "../given.ts";
import type { Run } from "../run.ts";
import { askGate } from "../steps/gate.ts";
import { checkName } from "./name.ts";

export interface GateOptions<Payload> {
  /** From opening to expiry by the database's clock. Default: never. */
  timeoutMs?: number;
  /** `user:<email>` or `role:<role>`; default: any approver (D32). */
  assignees?: string[];
  /** Approvals needed; one rejection decides. Default 1. */
  quorum?: number;
  /** May whoever started the run approve it? Default true. */
  allowSelf?: boolean;
  /** Fields the approver fills in. */
  form?: z.input<typeof gateForm>;
  risk?: Risk | ((payload: Payload) => Risk);
  /** The words of the card. Default: the name and the payload as JSON. */
  display?(payload: Payload): z.input<typeof gateDisplay>;
  /** A rejection throws `GateRejected` (default), or comes back as the decision. */
  onReject?: "throw" | "return";
  /**
   * When nobody decided in time: throws `GateTimeout` (default); comes back as the decision, with the outcome `timed_out`;
   * or asks another gate next, with the same payload, and answers as that one does.
   */
  onTimeout?: "throw" | "return" | GateTool<Payload>;
}

export interface GateDefinition<Payload = unknown> {
  readonly kind: "gate";
  readonly app: string;
  readonly name: string;
  readonly options: Omit<GateOptions<Payload>, "display" | "form"> & { form?: GateForm; display?(payload: Payload): GateDisplay };
}

/** What a gate call returns: the approval (D28). With `"return"`, also a rejection or a timeout: look at `outcome`. */
export type GateApproval = GateDecision;

/**
 * A question to people. Returns only on approval, and the same on every drive.
 *
 * @throws {GateRejected} unless `onReject: "return"`
 * @throws {GateTimeout} when nobody decided in time, unless `onTimeout` says otherwise
 */
export interface GateTool<Payload> {
  (run: Run, payload: Payload): Promise<GateApproval>;
  readonly definition: GateDefinition<Payload>;
}

const gateOptions = z.object({
  timeoutMs: z.number().positive().max(LONGEST_MS, "at most 100 years, in milliseconds").optional(),
  onTimeout: z.union([z.literal("throw"), z.literal("return"), aGate], "throw, return, or another gate tool").optional(),
  onReject: z.enum(["throw", "return"]).optional(),
  risk: z.union([risk, aFunction], "low, medium, high, or a function of the payload").optional(),
  display: aFunction.optional(),
  allowSelf: z.boolean().optional(),
  assignees: z.array(z.string().regex(/^(user|role):.+$/, "an assignee is user:<email> or role:<role>")).optional(),
  quorum: z.int().min(1).optional(),
  form: gateForm.optional(),
});

/** The timers reactor is woken by the next due time, but promises no finer than this. */
const TIMER_RESOLUTION_MS = 50;

export function defineGate<Payload>(app: string, name: string, options: GateOptions<Payload>): GateTool<Payload> {
  checkName("gate", name);
  checked(`gate ${name}`, gateOptions, options);
  if (options.timeoutMs !== undefined && options.timeoutMs < TIMER_RESOLUTION_MS) {
    process.emitWarning(`gate ${name}: a timeout of ${options.timeoutMs} ms is below the timers' resolution of ${TIMER_RESOLUTION_MS} ms`);
  }
  const { display, form, ...rest } = options;
  const definition: GateDefinition<Payload> = {
    kind: "gate",
    app,
    name,
    options: { ...rest, ...(form && { form: gateForm.parse(form) }), ...(display && { display: (payload: Payload) => displayOf(name, display(payload)) }) },
  };
  return Object.assign((run: Run, payload: Payload) => askGate(run, definition, payload), { definition });
}

/** @throws {TapeError} `invalid_input` for what is no card */
function displayOf(name: string, display: unknown): GateDisplay {
  const { data, error } = gateDisplay.safeParse(display);
  if (error) throw invalidInput(error, `display of gate ${name}`);
  return data;
}
