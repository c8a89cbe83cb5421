import { newId } from "@tape/core";
import { parseBody } from "../body.ts";
import { read } from "../read.ts";
import { hasEnded } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { HELD_LOCKS, IS_ALIVE } from "../worker/presence.ts";
import { MOST_ATTEMPTS, timerFailed } from "./failed.ts";
import { timersHandled } from "./handled.ts";
import { HAS_HANDLER } from "./kinds.ts";

/** A timer that is due, to run its handler. */
export interface ClaimedTimer {
  runId: string;
  id: string;
  app: string;
  kind: string;
  payload: unknown;
  /** When it was due; the same for every attempt. */
  fireAt: string;
  /** From 1. */
  attempt: number;
  /** Goes back with the report. */
  claim: string;
}

/** A claim that is not reported on within this time is taken by the next (ms). */
const CLAIM_MS = 60_000;

type Row = Omit<ClaimedTimer, "payload" | "fireAt" | "claim"> & { payload: string | null; fireAt: Date; status: Parameters<typeof hasEnded>[0]["status"]; endedAs: string | null };

/**
 * Takes timers that are due, of these kinds of these apps, the longest due first, at most `limit`. Any number of
 * workers may call it at once; none gets what another has, unless that one has not reported for 60 s or is dead. Report
 * each with `timerHandled` once its handler is through, or with `timerFailed`: a handler may run more than once.
 *
 * A timer of a run that has ended is cancelled and not handed out. A claim that was lost counts as an attempt: a handler
 * that takes its process with it each time gives up like one that throws.
 */
export async function claimTimers(
  store: Store,
  { owner, kinds, limit }: { owner: string; kinds: readonly { app: string; kind: string }[]; limit: number },
): Promise<ClaimedTimer[]> {
  if (kinds.length === 0) return [];
  const claim = `${owner}/${newId("rec")}`;
  const rows = await read<Row>(store, {
    name: "claim_due_timers",
    text: `
      WITH ${HELD_LOCKS},
      due AS MATERIALIZED (
        SELECT t.run_id, t.id, r.app, r.status, r.ended_as FROM tape.timers t JOIN tape.runs r ON r.id = t.run_id
        WHERE t.status = 'ARMED' AND t.fire_at <= tape.now() AND ${HAS_HANDLER}
          AND EXISTS (SELECT FROM unnest($1::text[], $2::text[]) AS loaded (app, kind) WHERE loaded.app = r.app AND loaded.kind = t.kind)
          AND (t.claim_expires_at IS NULL OR t.claim_expires_at <= tape.now()
            OR split_part(t.claim, '/', 1) IN (SELECT w.id FROM tape.workers w WHERE NOT ${IS_ALIVE}))
        ORDER BY t.fire_at, t.run_id, t.id LIMIT $3 FOR UPDATE OF t SKIP LOCKED
      ),
      claimed AS (
        UPDATE tape.timers t SET attempts = t.attempts + CASE WHEN t.claim IS NULL THEN 0 ELSE 1 END, claim = $4, claim_expires_at = tape.now() + ${CLAIM_MS} * interval '1 ms'
        FROM due WHERE t.run_id = due.run_id AND t.id = due.id
        RETURNING t.run_id, t.id, t.kind, t.payload, t.fire_at, t.attempts, due.app, due.status, due.ended_as
      )
      SELECT run_id AS "runId", id, app, kind, payload, fire_at AS "fireAt", attempts + 1 AS attempt, status, ended_as AS "endedAs"
      FROM claimed ORDER BY fire_at, run_id, id`,
    values: [kinds.map(({ app }) => app), kinds.map(({ kind }) => kind), limit, claim],
  });
  const ended = rows.filter(hasEnded);
  if (ended.length > 0) await timersHandled(store, ended.map(({ runId, id }) => ({ runId, id, claim })));
  const live = rows.filter((row) => !hasEnded(row));
  for (const { runId, id } of live.filter(isLostTooOften)) await timerFailed(store, { runId, id, claim, error: "its worker was lost each time it ran" });
  return live
    .filter((row) => !isLostTooOften(row))
    .map(({ status: _status, endedAs: _endedAs, payload, fireAt, ...row }) => ({ ...row, payload: parseBody(payload), fireAt: fireAt.toISOString(), claim }));
}

function isLostTooOften({ attempt }: Row): boolean {
  return attempt > MOST_ATTEMPTS;
}
