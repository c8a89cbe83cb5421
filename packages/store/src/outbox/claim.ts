import { newId, type Semantics } from "@tape/core";
import { requestOf } from "../effect/row.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";

/** A connector that a worker has loaded, and how many more of its effects it can send now. */
export interface ConnectorPlaces {
  app: string;
  connector: string;
  places: number;
}

/** An effect of the outbox that is due. */
export interface EffectToSend {
  effectId: string;
  runId: string;
  app: string;
  agent: string;
  tool: string;
  connector: string;
  /** What the counterparty will know it by: the same on every sending. */
  key: string;
  businessKey: string | null;
  externalRef: string | null;
  /** The intent, as its tool made it. */
  request: unknown;
  semantics: Semantics;
  /** From 1. */
  attempt: number;
  /** Goes back with the mark and with the report. */
  claim: string;
}

/** One that is not marked in flight within this time is taken by the next (ms). */
const CLAIM_MS = 60_000;

const CLAIM = {
  name: "tape_claim_outbox",
  text: `
WITH wanted AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::text[], $3::int[]) AS w (app, connector, places)),
due AS MATERIALIZED (
  SELECT d.* FROM wanted w CROSS JOIN LATERAL (
    SELECT e.run_id, e.key, r.app, r.agent FROM tape.effects e JOIN tape.runs r ON r.id = e.run_id
    WHERE e.connector = w.connector AND e.due_at <= tape.now() AND r.app = w.app AND e.status = 'PENDING' AND e.in_flight_at IS NULL
      AND (e.claim IS NULL OR e.claim_expires_at <= tape.now())
    ORDER BY e.due_at, e.id LIMIT w.places FOR UPDATE OF e SKIP LOCKED
  ) d
),
claimed AS (
  UPDATE tape.effects e SET claim = $4, claim_expires_at = tape.now() + $5 * interval '1 ms', due_at = tape.now() + $5 * interval '1 ms'
  FROM due WHERE e.run_id = due.run_id AND e.key = due.key
  RETURNING e.*, due.app, due.agent
)
SELECT c.id AS "effectId", c.run_id AS "runId", c.app, c.agent, c.tool, c.connector, c.key, c.business_key AS "businessKey", c.external_ref AS "externalRef",
  c.semantics, c.attempts AS attempt, asked.body AS asked
FROM claimed c LEFT JOIN tape.bodies asked ON asked.run_id = c.run_id AND asked.seq = c.request_seq ORDER BY c.created_at, c.id`,
};

/**
 * Takes effects of the outbox that are due, the longest due first, for the places that each connector has. Any number
 * of workers may call it at once; none gets what another has, until a claim has run out before its mark. Mark each with
 * `markInFlight` before it is sent, and report it with `recordDispatch`.
 */
export async function claimOutbox(store: Store, { owner, connectors }: { owner: string; connectors: readonly ConnectorPlaces[] }): Promise<EffectToSend[]> {
  const wanted = connectors.filter(({ places }) => places > 0);
  if (wanted.length === 0) return [];
  const claim = `${owner}/${newId("rec")}`;
  const values = [wanted.map(({ app }) => app), wanted.map(({ connector }) => connector), wanted.map(({ places }) => places), claim, CLAIM_MS];
  const rows = await read<Omit<EffectToSend, "request" | "claim"> & { asked: string | null }>(store, { ...CLAIM, values });
  return rows.map(({ asked, ...row }) => ({ ...row, request: requestOf({ asked }), claim }));
}
