import type { Sink } from "@tape/core";
import { requireRole, type Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";
import { lockSink, noSink } from "./lock.ts";
import { getSink } from "./row.ts";

/**
 * Delivers again to a sink whose receiver wanted no more, from where it stood; one that waits for its next attempt is
 * tried now. One that gets on stays as it is. While it was stopped retention did not wait for it: entries of runs that were
 * deleted meanwhile are not delivered.
 *
 * @throws {TapeError} `forbidden` below operator; `not_found`.
 */
export async function resumeSink(store: Store, { id, actor }: { id: string; actor: Actor }): Promise<Sink> {
  requireRole(actor, "operator", "resume a sink");
  await inTransaction(store, async (tx) => {
    const { stoppedAt, nextAttemptAt } = await lockSink(tx, id);
    if (stoppedAt === null && nextAttemptAt === null) return;
    await tx.query(
      `UPDATE tape.sinks SET stopped_at = NULL, next_attempt_at = NULL, updated_at = tape.now(),
         attempts = CASE WHEN stopped_at IS NULL THEN attempts ELSE 0 END, last_error = CASE WHEN stopped_at IS NULL THEN last_error END
       WHERE id = $1`,
      [id],
    );
    await appendAudit(tx, { actor: actor.id, action: "sink.resume", target: id, details: { stoppedAt: stoppedAt?.toISOString() ?? null }, source: actor.source });
  });
  const resumed = await getSink(store, id);
  if (!resumed) throw noSink(id);
  return resumed;
}
