import { newId } from "@tape/core";
import type { Store } from "../store.ts";

export interface TimerShape {
  id?: string;
  /** Default `wake`. */
  kind?: string;
  /** From now (ms); below 0 it is due. Default 0. */
  inMs?: number;
  key?: string;
  ref?: string;
  payload?: unknown;
  /** Default ARMED. */
  status?: "ARMED" | "FIRED" | "CANCELLED";
  /** How often its handler has failed. */
  attempts?: number;
}

/** A timer of a run. */
export async function makeTimer(store: Store, runId: string, shape: TimerShape = {}): Promise<{ id: string; runId: string }> {
  const id = shape.id ?? newId("timer");
  await store.pool.query(
    `INSERT INTO tape.timers (run_id, id, kind, key, ref, payload, fire_at, status, attempts, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, tape.now() + $7 * interval '1 ms', $8, $9, tape.now())`,
    [
      runId,
      id,
      shape.kind ?? "wake",
      shape.key ?? null,
      shape.ref ?? null,
      shape.payload === undefined ? null : JSON.stringify(shape.payload),
      shape.inMs ?? 0,
      shape.status ?? "ARMED",
      shape.attempts ?? 0,
    ],
  );
  return { id, runId };
}
