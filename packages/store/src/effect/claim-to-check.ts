import { newId, type Dispatch, type Semantics } from "@tape/core";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { LOOKED_AFTER, lookedAfterValues, type LoadedHere } from "./looked-after.ts";
import { requestOf } from "./row.ts";

/** An UNKNOWN effect to ask after. */
export interface EffectToCheck {
  effectId: string;
  runId: string;
  app: string;
  agent: string;
  tool: string;
  /** What the counterparty knows it by. */
  key: string;
  request: unknown;
  semantics: Semantics;
  dispatch: Dispatch;
  attempts: number;
  externalRef: string | null;
  connector: string | null;
  businessKey: string | null;
  /** Goes back with the report. */
  claim: string;
}

/** A claim that is not reported on within this time is taken by the next (ms). */
const CLAIM_MS = 60_000;

/**
 * Takes UNKNOWN effects that are due to be asked after, that this worker looks after, the longest due first. Any
 * number of workers may call it at once; none gets what another has. Report each with `recordObservation`, or with
 * `resendEffect` when the tool has nobody to ask.
 */
export async function claimEffectsToCheck(
  store: Store,
  { owner, limit, ...loaded }: LoadedHere & { owner: string; limit: number },
): Promise<EffectToCheck[]> {
  const claim = `${owner}/${newId("rec")}`;
  const rows = await read<Omit<EffectToCheck, "request" | "claim"> & { asked: string | null }>(store, {
    name: "claim_effects_to_check",
    text: `
      WITH due AS MATERIALIZED (
        SELECT e.run_id, e.key, r.app, r.agent FROM tape.effects e
        JOIN tape.runs r ON r.id = e.run_id
        WHERE e.next_check_at <= tape.now() AND ${LOOKED_AFTER} ORDER BY e.next_check_at, e.id LIMIT $5 FOR UPDATE OF e SKIP LOCKED
      ),
      claimed AS (
        UPDATE tape.effects e SET next_check_at = tape.now() + $7 * interval '1 ms', claim = $6, claim_expires_at = tape.now() + $7 * interval '1 ms'
        FROM due WHERE e.run_id = due.run_id AND e.key = due.key
        RETURNING e.*, due.app, due.agent
      )
      SELECT c.id AS "effectId", c.run_id AS "runId", c.app, c.agent, c.tool, c.key, c.semantics, c.dispatch, c.attempts, c.external_ref AS "externalRef", c.connector, c.business_key AS "businessKey", asked.body AS asked
      FROM claimed c LEFT JOIN tape.bodies asked ON asked.run_id = c.run_id AND asked.seq = c.request_seq`,
    values: [...lookedAfterValues(loaded), limit, claim, CLAIM_MS],
  });
  return rows.map(({ asked, ...row }) => ({ ...row, request: requestOf({ asked }), claim }));
}
