import { TapeError } from "@tape/core";
import { assertText } from "../text.ts";
import type { Tx } from "../transaction.ts";

export interface LockedSink {
  stoppedAt: Date | null;
  nextAttemptAt: Date | null;
}

/** @throws {TapeError} `not_found` */
export async function lockSink(tx: Tx, id: string): Promise<LockedSink> {
  assertText(id, "id");
  const { rows } = await tx.query<LockedSink>(`SELECT stopped_at AS "stoppedAt", next_attempt_at AS "nextAttemptAt" FROM tape.sinks WHERE id = $1 FOR UPDATE`, [id]);
  if (!rows[0]) throw noSink(id);
  return rows[0];
}

export function noSink(id: string): TapeError {
  return new TapeError("not_found", `There is no sink ${id}: tape sinks list shows those there are.`);
}
