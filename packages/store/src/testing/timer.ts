import { newId } from "@tape/core";
import type { Store } from "../store.ts";
import { fireDueTimers } from "../timer/fire-due.ts";

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

/**
 * Lets something be done to each of many things at the moment the timer of its run fires, four at a time, now the one
 * first and now the other.
 */
export async function raceTimers<Thing extends { runId: string }, Answer>(
  store: Store,
  { times, make, act }: { times: number; make: () => Promise<Thing>; act: (thing: Thing) => Promise<Answer> },
): Promise<{ thing: Thing; answer: PromiseSettledResult<Answer> }[]> {
  const raced: { thing: Thing; answer: PromiseSettledResult<Answer> }[] = [];
  const lane = async () => {
    while (times-- > 0) {
      const thing = await make();
      await store.pool.query("UPDATE tape.timers SET fire_at = tape.now() WHERE run_id = $1", [thing.runId]);
      const fire = () => fireDueTimers(store, { limit: 1 });
      const isFirst = times % 2 === 0;
      const before = isFirst ? undefined : fire();
      const acted = Promise.allSettled([act(thing)]);
      await (before ?? fire());
      raced.push({ thing, answer: (await acted)[0] });
      while ((await fireDueTimers(store)).fired > 0);
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  return raced;
}
