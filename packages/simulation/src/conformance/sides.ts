import type { Hint } from "@tape/core";
import type { Store } from "@tape/store";
import { openTestStore } from "@tape/store/testing";
import { createModel, type Model } from "../model/index.ts";
import { answered, refused, type Answer } from "./answer.ts";
import { frozen, type Clock } from "./clock.ts";
import { mintingFor } from "./ids.ts";
import { COMPARED } from "./projection/columns.ts";
import { wholeOfModel } from "./projection/of-model.ts";
import { wholeOfStore } from "./projection/of-store.ts";
import type { Whole } from "./projection/rows.ts";
import { VERBS, type Call } from "./verbs.ts";

/** The session lock that workers say they hold. */
export const LOCK = 77;

/** When every history begins. */
export const BEGINNING = Date.parse("2026-01-01T00:00:00.000Z");

const EMPTY = [...Object.keys(COMPARED), "bodies"].map((table) => `DELETE FROM tape."${table}"`).join("; ");

/** The real store, at the time that its clock is told. */
export interface RealSide {
  clock: Clock;
  do(call: Call, command: number): Promise<Answer>;
  read(): Promise<Whole>;
  /** What others were told since this was last asked. */
  told(): Hint[];
  /** Has the session of the workers' locks take the one that they all name, or lets it end. */
  holdLock(isHeld: boolean): Promise<void>;
  /** Forgets everything. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

/** A store on a database of its own. */
export async function openRealSide(): Promise<RealSide> {
  const clock: Clock = { now: BEGINNING };
  const open = await openTestStore({ max: 4 });
  const hints: Hint[] = [];
  const store: Store = { ...open, pool: frozen(open.pool, clock), hints: { publish: (told) => void hints.push(...told), close: async () => {} } };
  const session = await open.pool.connect();
  return {
    clock,
    do: async (call, command) => {
      try {
        return answered(await mintingFor(command, () => realOf(call)(store, call.input)));
      } catch (error) {
        return refused(error);
      }
    },
    read: () => wholeOfStore(session),
    told: () => hints.splice(0),
    holdLock: async (isHeld) => void (await session.query(isHeld ? "SELECT pg_advisory_unlock_all(), pg_advisory_lock($1)" : "SELECT pg_advisory_unlock_all() WHERE $1 > 0", [LOCK])),
    // The audit log lets nothing be deleted, except where its trigger is told to look away.
    empty: async () => void (await open.pool.query(`BEGIN; SET LOCAL session_replication_role = replica; ${EMPTY}; COMMIT`)),
    close: async () => {
      session.release();
      await open.close();
    },
  };
}

/** The model: one for each order in which things may have happened. */
export interface IdealSide {
  model: Model;
  do(call: Call, command: number): Answer;
  read(): Whole;
  copy(): IdealSide;
}

export function createIdealSide(model = createModel(BEGINNING)): IdealSide {
  return {
    model,
    do: (call, command) => {
      try {
        return answered(mintingFor(command, () => idealOf(call)(model, call.input)));
      } catch (error) {
        return refused(error);
      }
    },
    read: () => wholeOfModel(model),
    copy: () => createIdealSide(structuredClone(model)),
  };
}

function realOf({ verb }: Call): (store: Store, input: unknown) => Promise<unknown> {
  return VERBS[verb].real as (store: Store, input: unknown) => Promise<unknown>;
}

function idealOf({ verb }: Call): (model: Model, input: unknown) => unknown {
  return VERBS[verb].ideal as (model: Model, input: unknown) => unknown;
}
