import type { StuckReason, Wait } from "../../entry/run.ts";
import type { EffectStatus } from "../../machine/effect.ts";
import type { GateStatus } from "../../machine/gate.ts";
import type { ObligationStatus } from "../../machine/obligation.ts";
import type { RunStatus } from "../../machine/run.ts";
import type { Instant } from "../time.ts";

export interface GateFacts {
  readonly id: string;
  readonly name: string;
  readonly status: GateStatus;
  /** `display.title`, when the gate brought one. */
  readonly title: string | null;
  readonly assignees: readonly string[];
  readonly quorum: number;
  readonly approvals: number;
  readonly deadlineAt: Instant | null;
}

export interface EffectFacts {
  readonly id: string;
  readonly tool: string;
  readonly status: EffectStatus;
  readonly summary: string | null;
  /** When it was asked for. */
  readonly createdAt: Instant;
  readonly needsPerson: boolean;
  readonly nextCheckAt: Instant | null;
  /** Of one that is PENDING in the outbox. */
  readonly sending: SendingFacts | null;
}

export interface SendingFacts {
  readonly connector: string;
  /** Does some live worker have its connector? */
  readonly hasWorker: boolean;
  /** It is being sent at this moment. */
  readonly isInFlight: boolean;
  /** Which one is due, from 1. */
  readonly attempt: number;
  /** Of the last attempt. */
  readonly lastError: string | null;
  readonly nextAttemptAt: Instant;
}

export interface ObligationFacts {
  readonly id: string;
  /** The compensator's name. */
  readonly kind: string;
  readonly status: ObligationStatus;
  readonly summary: string | null;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly nextAttemptAt: Instant | null;
  /** Does some live worker have its compensator? */
  readonly hasWorker: boolean;
}

export interface LeaseFacts {
  readonly owner: string;
  readonly expiresAt: Instant;
  /** When the owner was last heard of, if it is taken for dead (D26); null while it is alive. */
  readonly silentSince: Instant | null;
}

/** What `explainWaiting` goes by: the run's row and the rows it refers to. Only open ones matter; others are passed over. */
export interface WhyFacts {
  readonly status: RunStatus;
  readonly agent: string;
  /** The database's clock. */
  readonly now: Instant;
  readonly waits: readonly Wait[];
  readonly gates: readonly GateFacts[];
  readonly effects: readonly EffectFacts[];
  readonly obligations: readonly ObligationFacts[];
  readonly lease: LeaseFacts | null;
  /** RUNNABLE: not to be claimed before. */
  readonly dueAt: Instant | null;
  readonly stuckReason: StuckReason | null;
  /** Live workers that have the agent, of any version. */
  readonly workersForAgent: number;
  /** The version the run is pinned to (D10), and how many live workers have it. Null when it is not pinned. */
  readonly pinned: { readonly version: string; readonly workers: number } | null;
  readonly settledAt: Instant | null;
}
