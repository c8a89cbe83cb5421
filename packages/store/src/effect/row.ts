import type { Dispatch, Effect, EffectStatus, RecordedError, Semantics } from "@tape/core";
import { parseBody } from "../body.ts";
import { iso } from "../run/row.ts";

/** SQL: the body of the last attempt to send effect `e` that failed; null for one that is not sent again. */
export const LAST_FAILURE = `(
  SELECT failed.body FROM tape.entries j JOIN tape.bodies failed ON failed.run_id = j.run_id AND failed.seq = j.seq
  WHERE e.status = 'PENDING' AND e.dispatch = 'OUTBOX' AND e.attempts > 1 AND j.run_id = e.run_id AND j.ref = e.id AND j.kind = 'effect' AND j.verb = 'attempt_failed'
  ORDER BY j.seq DESC LIMIT 1)`;

/** An effect as every reading verb selects it, with the bodies of its intent and its outcome. */
export const EFFECT_COLUMNS = `
  e.id, e.run_id AS "runId", e.key, e.tool, e.status, e.semantics, e.dispatch, e.attempts, e.connector, e.business_key AS "businessKey",
  e.external_ref AS "externalRef", e.summary, e.compensator, e.created_at AS "createdAt", e.settled_at AS "settledAt", e.unknown_since AS "unknownSince",
  e.checks, e.next_check_at AS "nextCheckAt", e.needs_person AS "needsPerson", asked.body AS asked, COALESCE(outcome.body, ${LAST_FAILURE}) AS outcome,
  CASE WHEN e.status = 'PENDING' AND e.attempts > 1 AND e.in_flight_at IS NULL THEN e.due_at END AS "nextAttemptAt"`;

export const EFFECT_JOINS = `
  LEFT JOIN tape.bodies asked ON asked.run_id = e.run_id AND asked.seq = e.request_seq
  LEFT JOIN tape.bodies outcome ON outcome.run_id = e.run_id AND outcome.seq = e.outcome_seq`;

export interface EffectRow {
  id: string;
  runId: string;
  key: string;
  tool: string;
  status: EffectStatus;
  semantics: Semantics;
  dispatch: Dispatch;
  attempts: number;
  connector: string | null;
  businessKey: string | null;
  externalRef: string | null;
  summary: string | null;
  compensator: string | null;
  createdAt: Date;
  settledAt: Date | null;
  unknownSince: Date | null;
  checks: number;
  nextCheckAt: Date | null;
  nextAttemptAt: Date | null;
  needsPerson: boolean;
  asked: string | null;
  outcome: string | null;
}

export function toEffect(row: EffectRow): Effect {
  const outcome = parseBody(row.outcome) as { result?: unknown; error?: RecordedError } | null;
  const isUnknown = row.status === "UNKNOWN";
  return {
    id: row.id,
    runId: row.runId,
    key: row.key,
    tool: row.tool,
    status: row.status,
    semantics: row.semantics,
    dispatch: row.dispatch,
    request: requestOf(row),
    response: outcome?.result ?? null,
    error: outcome?.error ?? null,
    attempts: row.attempts,
    businessKey: row.businessKey,
    externalRef: row.externalRef,
    summary: row.summary,
    checks: isUnknown ? row.checks : 0,
    nextCheckAt: isUnknown ? iso(row.nextCheckAt) : null,
    nextAttemptAt: iso(row.nextAttemptAt),
    needsPerson: row.settledAt === null && row.needsPerson,
    createdAt: row.createdAt.toISOString(),
    settledAt: iso(row.settledAt),
  };
}

export function requestOf(row: Pick<EffectRow, "asked">): unknown {
  return (parseBody(row.asked) as { request?: unknown } | null)?.request ?? null;
}
