import type { Dispatch, Effect, EffectStatus, RecordedError, Semantics } from "@tape/core";
import { parseBody } from "../body.ts";
import { iso } from "../run/row.ts";

/** An effect as every reading verb selects it, with the bodies of its intent and its outcome. */
export const EFFECT_COLUMNS = `
  e.id, e.run_id AS "runId", e.key, e.tool, e.status, e.semantics, e.dispatch, e.attempts, e.connector, e.business_key AS "businessKey",
  e.external_ref AS "externalRef", e.summary, e.compensator, e.created_at AS "createdAt", e.settled_at AS "settledAt", e.unknown_since AS "unknownSince",
  e.checks, e.next_check_at AS "nextCheckAt", e.needs_person AS "needsPerson", asked.body AS asked, outcome.body AS outcome`;

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
    needsPerson: isUnknown && row.needsPerson,
    createdAt: row.createdAt.toISOString(),
    settledAt: iso(row.settledAt),
  };
}

export function requestOf(row: Pick<EffectRow, "asked">): unknown {
  return (parseBody(row.asked) as { request?: unknown } | null)?.request ?? null;
}
