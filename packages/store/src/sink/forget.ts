import { TapeError } from "@tape/core";
import { requireRole, type Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { HELD_LOCKS, IS_ALIVE } from "../worker/presence.ts";
import { lockSink } from "./lock.ts";

/**
 * Gives up the place of a sink that nobody has any more, so that retention no longer waits for it. Should a worker come
 * with it later, it begins with what is recorded from then on.
 *
 * @throws {TapeError} `forbidden` below admin; `not_found`; `illegal_transition` while a live worker has it in its
 *   configuration, with `details.workers`: it would begin again at once, and skip what it had not been given.
 */
export async function forgetSink(store: Store, { id, actor }: { id: string; actor: Actor }): Promise<void> {
  requireRole(actor, "admin", "forget a sink");
  await inTransaction(store, async (tx) => {
    const { stoppedAt } = await lockSink(tx, id);
    const workers = await havingIt(tx, id);
    if (workers.length > 0) {
      throw new TapeError("illegal_transition", `${workers.join(", ")} ${workers.length === 1 ? "has" : "have"} the sink ${id}: take it out of tape.config.ts and start the worker again, then forget it.`, {
        status: stoppedAt === null ? "DELIVERING" : "STOPPED",
        workers,
      });
    }
    await tx.query("DELETE FROM tape.sinks WHERE id = $1", [id]);
    await appendAudit(tx, { actor: actor.id, action: "sink.forget", target: id, details: { stoppedAt: stoppedAt?.toISOString() ?? null }, source: actor.source });
  });
}

async function havingIt(tx: Tx, id: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `WITH ${HELD_LOCKS} SELECT DISTINCT w.id FROM tape.worker_tools t JOIN tape.workers w ON w.id = t.worker_id WHERE t.can = 'sink' AND t.tool = $1 AND ${IS_ALIVE} ORDER BY w.id`,
    [id],
  );
  return rows.map(({ id: worker }) => worker);
}
