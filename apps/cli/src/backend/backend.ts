import type {
  AgentInfo,
  ApiToken,
  Effect,
  EffectStatus,
  Entry,
  Gate,
  GateDecisionRequest,
  GateStatus,
  Page,
  Role,
  Run,
  RunFilter,
  RunSummary,
  StartRunRequest,
  SystemStatus,
  WorkerInfo,
} from "@tape/core";

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
  sendSignal(runId: string, name: string, payload: unknown): Promise<void>;

  listGates(filter: { status?: GateStatus }, paging: Paging): Promise<Page<Gate>>;
  gatesOfRun(runId: string): Promise<Gate[]>;
  getGate(id: string): Promise<Gate>;
  decideGate(id: string, decision: GateDecisionRequest): Promise<Gate>;

  listEffects(filter: { status?: EffectStatus }, paging: Paging): Promise<Page<Effect>>;
  resolveEffect(id: string, resolution: EffectResolution): Promise<Effect>;

  createToken(request: { name: string; role: Role; expiresAt?: string }): Promise<ApiToken & { secret: string }>;
  close(): Promise<void>;
}
