import type { AgentInfo, ApiToken, AuditRecord, Me, SystemStatus, Timer, Value, WorkerInfo } from "../../wire/system.ts";
import { at, testId } from "../fixed.ts";
import { CFO, WORKER_A, WORKER_B } from "../journal/steps.ts";
import { worst } from "../worst.ts";

const run = testId("run", 1);

function make<T>(base: T) {
  return (overrides: Partial<T> = {}): T => ({ ...base, ...overrides });
}

const timer: Timer = { id: testId("timer", 1), runId: run, kind: "wake", payload: null, fireAt: at(24 * 60 * 60_000), status: "ARMED", attempts: 0, lastError: null };
export const timerFactory = {
  armed: make(timer),
  fired: make<Timer>({ ...timer, status: "FIRED" }),
  cancelled: make<Timer>({ ...timer, status: "CANCELLED" }),
  retrying: make<Timer>({ ...timer, kind: "soft-deadline", attempts: 3, lastError: "handler threw: no such account" }),
  gaveUp: make<Timer>({ ...timer, kind: "soft-deadline", status: "FIRED", attempts: 5, lastError: worst.html }),
} as const;

const value: Value = { namespace: `runs/${run}`, key: "progress", value: { done: 3, total: 5, label: "Paying vendors" }, version: 3, writer: run, at: at(9000), deleted: false };
export const valueFactory = {
  live: make(value),
  tombstone: make({ ...value, value: null, version: 4, deleted: true }),
  worst: make({ ...value, namespace: worst.longName, key: worst.longName, value: worst.payload, version: 999_999, writer: worst.longName }),
} as const;

const inputSchema = {
  type: "object",
  required: ["file", "account"],
  properties: {
    file: { type: "string", format: "csv", title: "Payments" },
    account: { type: "string", enum: ["operating", "reserve"], title: "Pay from" },
    dryRun: { type: "boolean", default: false, title: "Only plan" },
  },
};
const agent: AgentInfo = { app: "treasury", agent: "pay-batch", title: "Pay a batch of vendors", versions: ["1.4.0"], inputSchema, workers: 2 };
export const agentFactory = {
  ready: make(agent),
  untyped: make({ ...agent, agent: "sweep", title: null, inputSchema: null, workers: 1 }),
  twoVersions: make({ ...agent, versions: ["1.4.0", "1.5.0"] }),
  absent: make({ ...agent, workers: 0 }),
  worst: make({ ...agent, agent: worst.longName, title: worst.html, versions: Array.from({ length: 12 }, (_, n) => `2026.11.${n}+build.${n}4567890abcdef`) }),
} as const;

const worker: WorkerInfo = {
  id: WORKER_A,
  host: "worker-1",
  pid: 4711,
  startedAt: at(-3_600_000),
  beatAt: at(0),
  alive: true,
  running: 3,
  agents: [{ app: "treasury", agent: "pay-batch", version: "1.4.0" }],
};
export const workerFactory = {
  alive: make(worker),
  silent: make({ ...worker, id: WORKER_B, host: "worker-2", alive: false, beatAt: at(-40_000), running: 1 }),
  idle: make({ ...worker, running: 0, agents: [] }),
  worst: make({ ...worker, host: worst.longName, running: 12_345, agents: Array.from({ length: 40 }, (_, n) => ({ app: "treasury", agent: `${worst.longName}-${n}`, version: null })) }),
} as const;

const me: Me = { actor: CFO, email: "chris@acme.example", name: "Chris Olsen", role: "approver" };
export const meFactory = {
  viewer: make({ ...me, actor: "user:vera@acme.example", email: "vera@acme.example", name: "Vera Novak", role: "viewer" as const }),
  approver: make(me),
  operator: make({ ...me, actor: "user:olga@acme.example", email: "olga@acme.example", name: "Olga Brandt", role: "operator" as const }),
  admin: make({ ...me, actor: "user:owner@localhost", email: "owner@localhost", name: "Owner", role: "admin" as const }),
  machine: make({ actor: "token:ci", email: null, name: "ci", role: "operator" as const }),
  worst: make({ ...me, email: `${worst.longName}@example.com`, name: worst.rightToLeft }),
} as const;

const audit: AuditRecord = { id: testId("aud", 1), at: at(9000), actor: CFO, action: "gate.decide", target: testId("gate", 1), runId: run, details: { outcome: "approved" }, position: 41 };
export const auditFactory = {
  sealed: make(audit),
  unsealed: make({ ...audit, id: testId("aud", 2), position: null }),
  worst: make({ ...audit, actor: `user:${worst.longName}@example.com`, details: { ...worst.payload, reason: worst.html } }),
} as const;

const token: ApiToken = { id: testId("tok", 1), name: "ci", role: "operator", createdBy: "user:owner@localhost", createdAt: at(0), expiresAt: at(90 * 86_400_000), revokedAt: null, lastUsedAt: at(9000) };
export const tokenFactory = {
  live: make(token),
  neverUsed: make({ ...token, expiresAt: null, lastUsedAt: null }),
  expired: make({ ...token, expiresAt: at(-1000) }),
  revoked: make({ ...token, revokedAt: at(5000) }),
  worst: make({ ...token, name: worst.longName }),
} as const;

const clean: SystemStatus = { runs: { RUNNING: 2, COMPLETED: 118 }, openGates: 0, unknownEffects: 0, unsentEffects: 0, conflicts: 0, stuckRuns: 0, unsettledOutbox: 0, workers: 2 };
export const statusFactory = {
  clean: make(clean),
  empty: make({ ...clean, runs: {}, workers: 0 }),
  troubled: make({ ...clean, runs: { ...clean.runs, WAITING: 3, STUCK: 1 }, openGates: 3, unknownEffects: 2, unsentEffects: 1, conflicts: 1, stuckRuns: 1, unsettledOutbox: 4 }),
  worst: make({ runs: { RUNNABLE: 1_234_567, COMPLETED: 98_765_432 }, openGates: 12_345, unknownEffects: 9876, unsentEffects: 765, conflicts: 543, stuckRuns: 2109, unsettledOutbox: 87_654, workers: 0 }),
} as const;
