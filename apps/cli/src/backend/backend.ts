import type {
  AgentInfo,
  ApiToken,
  AuditRecord,
  CompensationPlan,
  Effect,
  EffectStatus,
  Entry,
  Gate,
  GateDecisionRequest,
  GateStatus,
  Obligation,
  ObligationStatus,
  Page,
  Role,
  Run,
  RunFilter,
  RunSummary,
  Sink,
  StartRunRequest,
  SystemStatus,
  Timer,
  TimerRequest,
  Value,
  ValueChange,
  WorkerInfo,
} from "@tape/core";
import type { AuditVerdict } from "@tape/store";

export interface Paging {
  cursor?: string;
  /** 1 to 200, default 50. */
  limit?: number;
}

export interface EffectResolution {
  outcome: "confirmed" | "failed" | "retry";
  reason: string;
  result?: unknown;
}

export interface ObligationResolution {
  outcome: "done" | "retry" | "waived";
  reason: string;
}

/** A value by its name. */
export interface ValueName {
  namespace: string;
  key: string;
}

/** Writes only if the present version is this one, or only if there is no live value. */
export interface ValueCondition {
  ifVersion?: number;
  ifNotLive?: boolean;
}

/** A namespace with live values in it; `at`: its last write. */
export interface NamespaceInfo {
  namespace: string;
  keys: number;
  at: string;
}

/** What the commands need of a Tape, near (its database) or far (its API). Everything that goes wrong is a `TapeError`. */
export interface Backend {
  /** The clock that deadlines and ages go by. */
  now(): Promise<Date>;
  status(): Promise<SystemStatus>;
  listWorkers(): Promise<WorkerInfo[]>;
  listAgents(): Promise<AgentInfo[]>;

  startRun(request: StartRunRequest): Promise<Run & { resumed: boolean }>;
  getRun(id: string): Promise<Run>;
  listRuns(filter: RunFilter, paging: Paging): Promise<Page<RunSummary>>;
  /** Entries after `fromSeq`, a page of them; `nextCursor` is null at the present end. */
  readJournal(runId: string, fromSeq: number): Promise<Page<Entry>>;
  redriveRun(id: string, reason: string): Promise<Run>;
  cancelRun(id: string, reason: string): Promise<Run>;
  compensationPlan(id: string): Promise<CompensationPlan>;
  compensateRun(id: string, reason: string): Promise<Run>;
  /** Tells runs as they change until the signal aborts. May tell one that did not; one that changed twice in a moment is told once. */
  watchRuns(tell: (runs: readonly RunSummary[]) => void, signal: AbortSignal): Promise<void>;
  sendSignal(runId: string, name: string, payload: unknown): Promise<void>;

  listGates(filter: { status?: GateStatus }, paging: Paging): Promise<Page<Gate>>;
  gatesOfRun(runId: string): Promise<Gate[]>;
  getGate(id: string): Promise<Gate>;
  decideGate(id: string, decision: GateDecisionRequest): Promise<Gate>;

  /** So much time from now, by the clock of the database. */
  extendGate(id: string, request: { forMs: number; reason: string }): Promise<Gate>;

  listEffects(filter: { status?: EffectStatus }, paging: Paging): Promise<Page<Effect>>;
  resolveEffect(id: string, resolution: EffectResolution): Promise<Effect>;

  listObligations(filter: { status: Extract<ObligationStatus, "STUCK" | "PENDING"> }, paging: Paging): Promise<Page<Obligation>>;
  resolveObligation(id: string, resolution: ObligationResolution): Promise<Obligation>;

  listTimers(runId: string): Promise<Timer[]>;
  setTimer(runId: string, timerId: string, request: TimerRequest): Promise<Timer>;
  cancelTimer(runId: string, timerId: string): Promise<Timer>;

  listNamespaces(paging: Paging): Promise<Page<NamespaceInfo>>;
  listValues(namespace: string, paging: Paging): Promise<Page<Value>>;
  /** Null when nothing was ever written there; a deleted value is its tombstone. */
  getValue(name: ValueName): Promise<Value | null>;
  setValue(name: ValueName, value: unknown, condition: ValueCondition): Promise<Value>;
  deleteValue(name: ValueName, condition: Pick<ValueCondition, "ifVersion">): Promise<Value>;
  /** Every version after `fromVersion`, in order, until the signal aborts. */
  watchValue(name: ValueName, fromVersion: number, signal: AbortSignal): AsyncIterable<ValueChange>;

  /** What people did, the latest first: all of it, or what was done to one run. */
  listAudit(filter: { runId?: string }, paging: Paging): Promise<Page<AuditRecord>>;
  /** Computes the chain of the audit log again. Only where the database itself can be read: nobody else's word is worth anything here. */
  verifyAudit(): Promise<AuditVerdict>;

  listSinks(): Promise<Sink[]>;
  resumeSink(id: string): Promise<Sink>;
  forgetSink(id: string): Promise<void>;

  createToken(request: { name: string; role: Role; expiresAt?: string }): Promise<ApiToken & { secret: string }>;
  close(): Promise<void>;
}
