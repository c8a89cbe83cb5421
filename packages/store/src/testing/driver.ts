import { newId, type Happening } from "@tape/core";
import type { DriverRecord, RunCommit } from "../driver/record.ts";
import type { Store } from "../store.ts";
import { makeRun, type MadeRun, type RunShape } from "./run.ts";

/** A run that `wrk_test` drives under epoch 1, and what its driver says. */
export interface DrivenRun extends MadeRun {
  /** A commit of its driver, which has committed nothing before unless `first` says so. */
  commit(records: DriverRecord[], fields?: Partial<RunCommit>): RunCommit;
  /** Its effect's records, by verb. */
  effect(name: string, effectId?: string): { id: string; key: string; says(verb: string, payload?: object, beside?: Partial<DriverRecord>): DriverRecord };
}

export async function drivenRun(store: Store, shape: RunShape = {}): Promise<DrivenRun> {
  const run = await makeRun(store, { status: "RUNNING", owner: "wrk_test", ...shape });
  return {
    ...run,
    commit: (records, fields = {}) => ({ runId: run.id, owner: "wrk_test", epoch: 1, first: 0, foreign: 0, ttlMs: 60_000, records, ...fields }),
    effect: (name, effectId = newId("eff")) => {
      const key = `${run.id}//d0/${name}/1`;
      const asked = { tool: name, request: { to: "acme" }, fingerprint: "f", semantics: "IDEMPOTENT", dispatch: "INLINE" };
      const says = (verb: string, payload: object = {}, beside: Partial<DriverRecord> = {}) => ({
        happening: { kind: "effect", verb, payload: { effectId, key, ...(verb === "intended" && asked), ...payload } } as Happening,
        ...beside,
      });
      return { id: effectId, key, says };
    },
  };
}

/** Something a driver may say at any time: it touches no other row. */
export function sampled(run: MadeRun, place: number): DriverRecord {
  return { happening: { kind: "run", verb: "sampled", payload: { key: `${run.id}//d0/now/${place}`, name: "now", fingerprint: "", value: place } } };
}
