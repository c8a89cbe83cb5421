import type { Amounts, Happening, StuckReason, Wait } from "@tape/core";

/** A database-clock deadline inside a record: `fireAt` or `deadlineAt` is written as now + `inMs` by the commit itself (D27). */
export interface Due {
  field: "fireAt" | "deadlineAt";
  inMs: number;
}

/** What a confirmed effect owes if it is ever undone: registered in the commit of the confirmation. */
export interface NewObligation {
  id: string;
  compensator: string;
  connector?: string;
  /** JSON text: what the compensator will be given. */
  payload: string;
  summary?: string;
}

/**
 * One thing a driver has to say: a journal entry, and by its kind the row that changes with it. What the row needs and
 * the entry does not say stands beside it.
 */
export interface DriverRecord {
  happening: Happening;
  due?: Due;
  /** With `effect.confirmed`. */
  obligation?: NewObligation;
  /** With `effect.intended` of an outbox tool. */
  connector?: string;
  /** With `effect.intended`: what would undo it, so that whoever confirms it registers the obligation. */
  compensator?: string;
  /** With `effect.unknown`: whether a reactor may settle it, else only a person. */
  checkable?: boolean;
  /** With `gate.opened`: may whoever started the run approve it? Default true. */
  allowSelf?: boolean;
  /** With `budget.settled`: what was set aside for its decision, and is given back. */
  reservation?: Amounts;
  /** With `timer.armed` of a deadline: the gate or signal step it belongs to. */
  ref?: string;
}

/** How a drive leaves its run. Applied only if nothing arrived that the driver has not seen (`inbox`, D33). */
export type RunEnd = {
  /** The number of arrivals the driver has seen; null: end whatever arrived. */
  inbox: number | null;
  /** What closes with the run: gates still open, timers still armed (D19). Of an earlier commit: none closes what it opens. */
  closing: DriverRecord[];
} & (
  | { to: "WAITING"; waits: Wait[] }
  | { to: "COMPLETED"; output: unknown }
  | { to: "FAILED"; error: Extract<Happening, { kind: "run"; verb: "failed" }>["payload"]["error"] }
  | { to: "STUCK"; reason: StuckReason }
  | { to: "RUNNABLE"; reason: "stopping" | "backoff"; inMs: number }
);

/** Everything one run has to commit, in order, under one lease. */
export interface RunCommit {
  runId: string;
  owner: string;
  epoch: number;
  /** How many records this lease committed before: a commit sent twice is recognised by it (D20). */
  first: number;
  /** The `foreign` count the driver has seen. An outcome is refused when somebody else settled an effect since. */
  foreign: number;
  ttlMs: number;
  records: DriverRecord[];
  end?: RunEnd;
}

export type RunCommitOutcome =
  | {
      ok: true;
      /** The last entry's number after this commit. */
      seq: number;
      inbox: number;
      foreign: number;
      /** Records of this lease so far: the `first` of the next commit. */
      recorded: number;
      /** False when an `end` was asked for and something had arrived: read, and ask again. */
      ended: boolean;
      /** The database's clock at the commit, ms since 1970. */
      at: number;
    }
  | { ok: false; refused: "lease_lost" | "cancelled" | "settled_elsewhere"; reason: string };

/** A decision, an outcome or a delivery: what shows that a drive gets on (D25). */
export function isProgress({ verb }: Happening): boolean {
  return verb === "answered" || verb === "confirmed" || verb === "failed" || verb === "delivered" || verb === "timeout_delivered";
}
