import { z } from "zod";
import { instant } from "../json.ts";
import { TIMER_STATUSES } from "../machine/timer.ts";

export const timer = z.object({
  id: z.string(),
  runId: z.string(),
  kind: z.string(),
  payload: z.unknown(),
  fireAt: instant,
  status: z.enum(TIMER_STATUSES),
  attempts: z.int(),
  lastError: z.string().nullable(),
});
export type Timer = z.infer<typeof timer>;

export const value = z.object({
  namespace: z.string(),
  key: z.string(),
  value: z.unknown(),
  version: z.int(),
  writer: z.string(),
  at: instant,
  deleted: z.boolean(),
});
export type Value = z.infer<typeof value>;

/** One version of a value as a watcher gets it, with the one before. `skipped`: versions in between that history no longer has. */
export const valueChange = value.extend({
  /** 0: there was none. */
  prevVersion: z.int(),
  prevValue: z.unknown(),
  skipped: z.int(),
});
export type ValueChange = z.infer<typeof valueChange>;

/** `PUT /values/:namespace/:key`: the value itself under `value`. */
export const valueRequest = z.object({ value: z.unknown() }).refine((body) => "value" in body && body.value !== undefined, { path: ["value"], message: "a value is required; DELETE removes one" });

/** `PUT /runs/:id/timers/:timerId`. Due by the database's clock: in so many ms, or at an instant. */
export const timerRequest = z
  .object({ kind: z.string().min(1).max(200), payload: z.unknown().optional(), inMs: z.number().min(0).max(3.2e12).optional(), fireAt: instant.optional() })
  .refine(({ inMs, fireAt }) => (inMs === undefined) !== (fireAt === undefined), { path: ["inMs"], message: "give either inMs or fireAt" });
export type TimerRequest = z.infer<typeof timerRequest>;

/** An agent that some live worker has loaded. `inputSchema` is JSON Schema; a string with `format: "csv"` is a file field. */
export const agentInfo = z.object({
  app: z.string(),
  agent: z.string(),
  title: z.string().nullable(),
  versions: z.array(z.string()),
  inputSchema: z.unknown().nullable(),
  workers: z.int(),
});
export type AgentInfo = z.infer<typeof agentInfo>;

export const workerInfo = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  startedAt: instant,
  beatAt: instant,
  alive: z.boolean(),
  running: z.int(),
  agents: z.array(z.object({ app: z.string(), agent: z.string(), version: z.string().nullable() })),
});
export type WorkerInfo = z.infer<typeof workerInfo>;

export const ROLES = ["viewer", "approver", "operator", "admin"] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

/** Does `have` include what `need` may do? Roles are a ladder. */
export function roleAtLeast(have: Role, need: Role): boolean {
  return ROLES.indexOf(have) >= ROLES.indexOf(need);
}

/** Who is asking: a signed-in person, a machine's token, or a command line. `actor` is what the audit log says. */
export const me = z.object({ actor: z.string(), email: z.string().nullable(), name: z.string(), role });
export type Me = z.infer<typeof me>;

export const auditRecord = z.object({
  id: z.string(),
  at: instant,
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  runId: z.string().nullable(),
  details: z.unknown(),
  /** Its place in the hash chain; null until the sealer took it (within a second). */
  position: z.int().nullable(),
});
export type AuditRecord = z.infer<typeof auditRecord>;

export const apiToken = z.object({
  id: z.string(),
  name: z.string(),
  role,
  createdBy: z.string(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  revokedAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
});
export type ApiToken = z.infer<typeof apiToken>;

/** What `tape status` and the header's badges count. */
export const systemStatus = z.object({
  runs: z.record(z.string(), z.int()),
  openGates: z.int(),
  unknownEffects: z.int(),
  /** Whose sending keeps failing. */
  unsentEffects: z.int(),
  conflicts: z.int(),
  stuckRuns: z.int(),
  unsettledOutbox: z.int(),
  workers: z.int(),
});
export type SystemStatus = z.infer<typeof systemStatus>;
