import type { EffectStatus, GateStatus, GateOutcome, Happening, Hint, ObligationStatus, RunStatus, StuckReason, TimerStatus, Wait } from "@tape/core";

/** Milliseconds since 1970, by the database's clock. */
export type Ms = number;

/** An entry of a journal. `payload` is plain JSON. */
export interface EntryRow {
  seq: number;
  kind: Happening["kind"];
  verb: string;
  ref: string | null;
  at: Ms;
  payload: unknown;
}

/** The columns of `tape.runs`. */
export interface RunRow {
  id: string;
  app: string;
  agent: string;
  version: string | null;
  pinVersion: string | null;
  invocationId: string;
  fingerprint: string;
  parentRunId: string | null;
  status: RunStatus;
  endedAs: "COMPLETED" | "FAILED" | "CANCELLED" | null;
  labels: Record<string, string>;
  startedBy: string;
  createdAt: Ms;
  startedAt: Ms | null;
  endedAt: Ms | null;
  cancelReason: string | null;
  cancelledBy: string | null;
  cancelledAt: Ms | null;
  cancelNoticedAt: Ms | null;
  settledAt: Ms | null;
  /** The number of the last entry. */
  seq: number;
  inbox: number;
  foreignOutcomes: number;
  openEffects: number;
  armed: number;
  owner: string | null;
  epoch: number;
  leaseExpiresAt: Ms | null;
  recorded: number;
  losses: number;
  dueAt: Ms;
  waits: Wait[] | null;
  stuck: StuckReason | null;
  outcomeSeq: number | null;
  capMicroUsd: number | null;
  capTokens: number | null;
  spentMicroUsd: number;
  spentTokens: number;
  reservedMicroUsd: number;
  reservedTokens: number;
}

/** The columns of `tape.effects`. */
export interface EffectRow {
  id: string;
  runId: string;
  key: string;
  tool: string;
  status: EffectStatus;
  semantics: "IDEMPOTENT" | "NON_IDEMPOTENT" | "OBSERVE_ONLY";
  dispatch: "INLINE" | "OUTBOX";
  fingerprint: string;
  requestSeq: number;
  outcomeSeq: number | null;
  attempts: number;
  connector: string | null;
  businessKey: string | null;
  externalRef: string | null;
  summary: string | null;
  gateId: string | null;
  compensator: string | null;
  createdAt: Ms;
  settledAt: Ms | null;
  unknownSince: Ms | null;
  checks: number;
  nextCheckAt: Ms | null;
  needsPerson: boolean;
  dueAt: Ms | null;
  claim: string | null;
  claimExpiresAt: Ms | null;
  inFlightAt: Ms | null;
}

/** The columns of `tape.obligations`. `payload` is the text of a JSON. */
export interface ObligationRow {
  id: string;
  runId: string;
  effectId: string;
  effectKey: string;
  position: number;
  kind: string;
  connector: string | null;
  reason: "confirmed" | "duplicate" | "conflict";
  status: ObligationStatus;
  payload: string;
  summary: string | null;
  attempts: number;
  nextAttemptAt: Ms | null;
  lastError: string | null;
  createdAt: Ms;
  settledAt: Ms | null;
  claim: string | null;
  claimExpiresAt: Ms | null;
}

/** The columns of `tape.gates`. `votes` as the table has them; `values` is the text of a JSON. */
export interface GateRow {
  id: string;
  runId: string;
  agent: string;
  key: string;
  name: string;
  occurrence: number;
  status: GateStatus;
  fingerprint: string;
  openedSeq: number;
  risk: "low" | "medium" | "high" | null;
  assignees: string[];
  quorum: number;
  allowSelf: boolean;
  openedAt: Ms;
  deadlineAt: Ms | null;
  votes: unknown[];
  outcome: GateOutcome | null;
  values: string | null;
  decidedBy: string | null;
  decidedAt: Ms | null;
  comment: string | null;
}

/** The columns of `tape.timers`. `payload` is the text of a JSON. */
export interface TimerRow {
  runId: string;
  id: string;
  kind: string;
  key: string | null;
  ref: string | null;
  payload: string | null;
  fireAt: Ms;
  status: TimerStatus;
  attempts: number;
  lastError: string | null;
  claim: string | null;
  claimExpiresAt: Ms | null;
  createdAt: Ms;
}

/** One version of a value; `value` is the text of a JSON, null once deleted. `step`: the step of agent code that wrote it. */
export interface ValueVersionRow {
  namespace: string;
  key: string;
  version: number;
  value: string | null;
  deleted: boolean;
  writer: string;
  at: Ms;
  step: string | null;
}

export interface BusinessKeyRow {
  connector: string;
  businessKey: string;
  runId: string;
  effectKey: string;
  createdAt: Ms;
}

/** `tape.workers` with what it has loaded. */
export interface WorkerRow {
  id: string;
  host: string;
  pid: number;
  startedAt: Ms;
  beatAt: Ms;
  lockKey: bigint | null;
  running: number;
  stopping: boolean;
  agents: { app: string; agent: string; version: string | null; pinned: boolean }[];
  tools: { app: string; tool: string; can: string }[];
}

export interface AuditRow {
  at: Ms;
  actor: string;
  action: string;
  target: string;
  runId: string | null;
  details: unknown;
}

/**
 * The whole journal of one installation, as plain objects. Every verb of the store has its namesake here, and what these
 * say is what the store has to do: {@link VerbOf}. Keys are the primary keys of the tables: {@link keyOf}.
 */
export interface Model {
  now: Ms;
  runs: Map<string, RunRow>;
  /** By run; the entry of number n stands at place n - 1. */
  journals: Map<string, EntryRow[]>;
  /** By run and key. */
  effects: Map<string, EffectRow>;
  /** By run and id. */
  obligations: Map<string, ObligationRow>;
  /** By run and id, as timers. */
  gates: Map<string, GateRow>;
  timers: Map<string, TimerRow>;
  /** By namespace and key: every version, the latest last. */
  values: Map<string, ValueVersionRow[]>;
  /** By connector and business key. */
  businessKeys: Map<string, BusinessKeyRow>;
  /** By scope and key: what was asked under it, and the id of what that made. */
  idempotencyKeys: Map<string, { fingerprint: string; answer: string }>;
  workers: Map<string, WorkerRow>;
  /** The session locks that are held now: of a worker whose session is gone it is known sooner that it is dead (D26). */
  heldLocks: Set<bigint>;
  audit: AuditRow[];
  /** What was published and nobody has taken yet. */
  hints: Hint[];
}

export function createModel(now: Ms): Model {
  return {
    now,
    runs: new Map(),
    journals: new Map(),
    effects: new Map(),
    obligations: new Map(),
    gates: new Map(),
    timers: new Map(),
    values: new Map(),
    businessKeys: new Map(),
    idempotencyKeys: new Map(),
    workers: new Map(),
    heldLocks: new Set(),
    audit: [],
    hints: [],
  };
}

/** The key of a row in the model's maps. Names hold spaces, but never a NUL. */
export function keyOf(...parts: string[]): string {
  return parts.join("\0");
}

/** Everything of one run in one of the model's maps, in the order it was made. */
export function ofRun<Row extends { runId: string }>(rows: Map<string, Row>, runId: string): Row[] {
  return [...rows.values()].filter((row) => row.runId === runId);
}

/** As a column of JSON keeps it: what has no JSON is gone, and nothing is shared with whoever gave it. */
export function plainJson<T>(value: T): T {
  const text = JSON.stringify(value);
  return text === undefined ? (null as T) : (JSON.parse(text) as T);
}
