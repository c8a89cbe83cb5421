import { TapeError, type Amounts, type GateDecision } from "@tape/core";

/** Thrown by a tool body: the acknowledgement was lost, it may have happened. The effect becomes UNKNOWN, never guessed. */
export class AckLost extends Error {
  override readonly name = "AckLost";
}

/** Thrown by a body that stopped because the run was cancelled: the effect is FAILED with reason `cancelled`. */
export class RunCancelled extends Error {
  override readonly name = "RunCancelled";
  constructor(message = "the run was cancelled") {
    super(message);
  }
}

/** A person rejected a gate. The decision is on the error: by whom, when, with which comment. */
export class GateRejected extends Error {
  override readonly name = "GateRejected";
  constructor(
    readonly gate: string,
    readonly decision: GateDecision,
  ) {
    super(`${gate} was rejected by ${decision.decidedBy ?? "nobody"}${decision.comment ? `: ${decision.comment}` : ""}`);
  }
}

/** Nobody decided a gate in time. */
export class GateTimeout extends Error {
  override readonly name = "GateTimeout";
  constructor(
    readonly gate: string,
    readonly decision: GateDecision,
  ) {
    super(`${gate} was not decided in time`);
  }
}

/** No signal of this name came in time. */
export class SignalTimeout extends Error {
  override readonly name = "SignalTimeout";
  constructor(readonly signalName: string) {
    super(`no signal ${signalName} came in time`);
  }
}

/** The lease of the run was lost: another worker drives it now. Whatever this body still does is refused. */
export class LeaseLost extends TapeError {
  override readonly name = "LeaseLost";
  constructor(message = "the lease of this run was lost; another worker drives it") {
    super("lease_lost", message);
  }
}

/** A value was not what the writer expected: somebody else wrote or deleted it. Read it again, and decide anew. */
export class VersionConflict extends TapeError {
  override readonly name = "VersionConflict";
  /** The version that stands, a deletion's included; 0: it was never written. */
  readonly currentVersion: number;

  /** From what the store says, and from what a journal keeps of it. */
  constructor({ message, details }: { message: string; details?: unknown }) {
    const known = (details ?? {}) as Record<string, unknown>;
    super("version_conflict", message, known);
    this.currentVersion = typeof known.version === "number" ? known.version : 0;
  }
}

/** What a model call that would go over its run's budget is refused with, and what people are asked. Integer millionths of a US dollar, and tokens. */
export interface BudgetQuestion {
  /** Only what is capped. */
  cap: Partial<Amounts>;
  /** What is charged already: spent, and set aside for calls whose answer has not come. */
  spent: Amounts;
  /** What the call was thought to cost. */
  asked: { decision: string } & Amounts;
}

/** A model call would go over the budget of its run: the model was not called. Thrown on every drive. */
export class BudgetExceeded extends TapeError {
  override readonly name = "BudgetExceeded";
  readonly cap: BudgetQuestion["cap"];
  readonly spent: BudgetQuestion["spent"];
  readonly asked: BudgetQuestion["asked"];

  /** From what a drive decides, and from what a journal keeps of it. */
  constructor({ message, details }: { message: string; details?: unknown }) {
    const known = (details ?? {}) as Partial<BudgetQuestion> & Record<string, unknown>;
    super("budget_exceeded", message, known);
    this.cap = known.cap ?? {};
    this.spent = known.spent ?? { microUsd: 0, tokens: 0 };
    this.asked = known.asked ?? { decision: "", microUsd: 0, tokens: 0 };
  }

  static of(details: BudgetQuestion & { key: string }): BudgetExceeded {
    const { asked, cap, spent } = details;
    const over = (["microUsd", "tokens"] as const).flatMap((what) => (cap[what] === undefined ? [] : [`${spent[what]} of ${cap[what]} ${UNITS[what]} are spent or set aside, ${asked[what]} more were asked for`]));
    return new BudgetExceeded({ message: `decision ${asked.decision} would go over the budget of its run: ${over.join("; ")}. Start the run with a higher cap, or give its agent a budget gate`, details });
  }

  /** Was it a model call of this run? */
  isOf(runId: string): boolean {
    const { key } = (this.details ?? {}) as { key?: unknown };
    return typeof key === "string" && key.startsWith(`${runId}/`);
  }
}

const UNITS = { microUsd: "micro-dollars", tokens: "tokens" };

/** Another run has this business key of this connector: look there for what became of it. Thrown on every drive. */
export class BusinessKeyTaken extends TapeError {
  override readonly name = "BusinessKeyTaken";
  /** Whose it is. */
  readonly runId: string;

  /** From what the store says, and from what a journal keeps of it. */
  constructor({ message, details }: { message: string; details?: unknown }) {
    const known = (details ?? {}) as Record<string, unknown>;
    super("business_key_taken", message, known);
    this.runId = typeof known.runId === "string" ? known.runId : "";
  }
}

/** Thrown by a compensator: trying again is of no use. The obligation is STUCK at once, and a person decides. */
export class CompensationFailed extends Error {
  override readonly name = "CompensationFailed";
}

/** The step did happen, but its result could not be stored (too large, or not JSON). Thrown on every drive. */
export class ResultNotStorable extends TapeError {
  override readonly name = "ResultNotStorable";
  constructor(message: string) {
    super("result_not_storable", message);
  }
}

/** The code asks something else than its journal recorded. The run stops as STUCK; nothing was executed. */
export class Nondeterminism extends TapeError {
  override readonly name = "Nondeterminism";
  constructor(message: string, details: { recorded: string | null; asked: string | null }) {
    super("nondeterminism", message, details);
  }
}

/**
 * A recorded failure of a model call or a tool, as the code sees it on the first drive and on every later one: the name,
 * message, code and details of what was thrown. Classes are not kept, so match on `name` or `code`.
 */
export class StepFailed extends Error {
  override readonly name: string;
  readonly code: string | undefined;
  readonly details: unknown;
  constructor(recorded: { name: string; message: string; code?: string | undefined; details?: unknown }) {
    super(recorded.message);
    this.name = recorded.name;
    this.code = recorded.code;
    this.details = recorded.details;
  }
}
