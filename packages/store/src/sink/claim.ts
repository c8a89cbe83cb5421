import { encodeFeedCursor } from "../feed/cursor.ts";
import { feedHead } from "../feed/window.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { HELD_LOCKS, IS_ALIVE } from "../worker/presence.ts";

export interface ClaimSink {
  id: string;
  /** `<worker>/<anything>`: goes with every report, and renews the claim when it is given again. */
  claim: string;
  /** How long it lasts without being renewed (ms). */
  forMs: number;
}

export type SinkTurn =
  /** It is yours: deliver what comes after `cursor`. `attempts`: how often its next delivery has failed. */
  | { to: "deliver"; cursor: string; attempts: number }
  /** Another worker has it (`retryInMs` null), or its next attempt is not due yet. */
  | { to: "wait"; retryInMs: number | null }
  /** Its receiver wants no more, ever. */
  | { to: "stopped" };

/**
 * Takes a sink, or renews the claim: one worker at a time delivers to it, until its claim runs out or it is dead. A sink
 * that nobody knew begins at the head of the feed.
 */
export async function claimSink(store: Store, { id, claim, forMs }: ClaimSink): Promise<SinkTurn> {
  const [taken] = await read<{ cursor: string; attempts: number }>(store, {
    name: "claim_sink",
    text: `
      WITH ${HELD_LOCKS}
      UPDATE tape.sinks s SET claim = $2, claim_expires_at = tape.now() + $3 * interval '1 ms'
      WHERE s.id = $1 AND s.stopped_at IS NULL AND (s.next_attempt_at IS NULL OR s.next_attempt_at <= tape.now())
        AND (s.claim IS NULL OR s.claim = $2 OR s.claim_expires_at <= tape.now()
          OR split_part(s.claim, '/', 1) IN (SELECT w.id FROM tape.workers w WHERE NOT ${IS_ALIVE}))
      RETURNING s.cursor, s.attempts`,
    values: [id, claim, forMs],
  });
  if (taken) return { to: "deliver", ...taken };
  const [known] = await read<{ isStopped: boolean; retryInMs: number | null }>(
    store,
    `SELECT stopped_at IS NOT NULL AS "isStopped", CASE WHEN next_attempt_at > tape.now() THEN extract(epoch FROM next_attempt_at - tape.now())::float8 * 1000 END AS "retryInMs"
     FROM tape.sinks WHERE id = $1`,
    [id],
  );
  if (known) return known.isStopped ? { to: "stopped" } : { to: "wait", retryInMs: known.retryInMs };
  const head = await feedHead(store);
  await read(store, "INSERT INTO tape.sinks (id, cursor, passed, updated_at) VALUES ($1, $2, $3::xid8, tape.now()) ON CONFLICT DO NOTHING", [
    id,
    encodeFeedCursor({ from: head, inside: null }),
    head,
  ]);
  return claimSink(store, { id, claim, forMs });
}
