import { progress, type RunStatus, type RunSummary, type StuckReason, type Wait, type WhyWaiting } from "@tape/core";
import { instantKey } from "../cursor.ts";

/** A run's row as every reading verb selects it; the table is `r`. */
export const RUN_COLUMNS = `
  r.id, r.app, r.agent, r.version, r.pin_version AS "pinVersion", r.invocation_id AS "invocationId", r.status, r.ended_as AS "endedAs",
  r.labels, r.started_by AS "startedBy", r.created_at AS "createdAt", r.started_at AS "startedAt", r.ended_at AS "endedAt",
  r.cancel_reason AS "cancelReason", r.cancelled_by AS "cancelledBy", r.cancelled_at AS "cancelledAt",
  r.cancel_noticed_at AS "cancelNoticedAt", r.settled_at AS "settledAt", r.seq, r.owner, r.epoch, r.lease_expires_at AS "leaseExpiresAt",
  r.due_at AS "dueAt", r.losses, r.open_effects AS "openEffects", COALESCE(r.waits, '[]')::json AS waits, r.stuck::json AS stuck,
  r.cap_micro_usd AS "capMicroUsd", r.cap_tokens AS "capTokens", r.spent_micro_usd AS "spentMicroUsd", r.spent_tokens AS "spentTokens",
  r.reserved_micro_usd AS "reservedMicroUsd", r.reserved_tokens AS "reservedTokens",
  tape.now() AS now, ${instantKey("r.created_at")} AS "sortAt",
  (SELECT v.value FROM tape."values" v WHERE v.namespace = 'runs/' || r.id AND v.key = 'progress' AND NOT v.deleted) AS progress`;

export interface RunRow {
  id: string;
  app: string;
  agent: string;
  version: string | null;
  pinVersion: string | null;
  invocationId: string;
  status: RunStatus;
  endedAs: "COMPLETED" | "FAILED" | "CANCELLED" | null;
  labels: Record<string, string>;
  startedBy: string;
  createdAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  cancelReason: string | null;
  cancelledBy: string | null;
  cancelledAt: Date | null;
  cancelNoticedAt: Date | null;
  settledAt: Date | null;
  seq: number;
  owner: string | null;
  epoch: number;
  leaseExpiresAt: Date | null;
  dueAt: Date;
  losses: number;
  openEffects: number;
  waits: Wait[];
  stuck: StuckReason | null;
  capMicroUsd: number | null;
  capTokens: number | null;
  spentMicroUsd: number;
  spentTokens: number;
  reservedMicroUsd: number;
  reservedTokens: number;
  now: Date;
  sortAt: string;
  progress: string | null;
}

export function toSummary(row: RunRow, whyWaiting: WhyWaiting[]): RunSummary {
  return {
    id: row.id,
    app: row.app,
    agent: row.agent,
    version: row.version,
    invocationId: row.invocationId,
    status: row.status,
    endedAs: row.endedAs,
    whyWaiting,
    cancelReason: row.cancelReason,
    cancelledBy: row.cancelledBy,
    cancelledAt: iso(row.cancelledAt),
    cancelNoticedAt: iso(row.cancelNoticedAt),
    settledAt: iso(row.settledAt),
    labels: row.labels,
    startedBy: row.startedBy,
    seq: row.seq,
    lease: row.owner && row.leaseExpiresAt ? { owner: row.owner, epoch: row.epoch, expiresAt: row.leaseExpiresAt.toISOString() } : null,
    budget: { capMicroUsd: row.capMicroUsd, capTokens: row.capTokens, spentMicroUsd: row.spentMicroUsd, spentTokens: row.spentTokens, reservedMicroUsd: row.reservedMicroUsd, reservedTokens: row.reservedTokens },
    progress: progressOf(row.progress),
    unsettled: row.openEffects,
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
  };
}

export function iso(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}

/** Agents write what they like there; a screen gets a progress or nothing. */
function progressOf(text: string | null): RunSummary["progress"] {
  return text === null ? null : (progress.safeParse(JSON.parse(text)).data ?? null);
}
