import type { Store } from "@tape/store";
import { groupCommit } from "./group-commit.ts";
import { statement } from "./statements.ts";

/** A run that begins. Bodies are JSON text. */
export interface Start {
  run_id: string;
  fingerprint: string;
  owner: string;
  started: string;
  claimed: string;
}

/** What becomes of a run at once: an outcome, an intent, its end, each where there is one. Bodies are JSON text. */
export interface Advance {
  run_id: string;
  owner: string;
  epoch: number;
  /** Records under this lease so far: the fence. */
  recorded: number;
  /** Records that this adds. */
  records: number;
  outcome_key: string | null;
  outcome_id: string | null;
  outcome: string | null;
  intent_key: string | null;
  intent_id: string | null;
  fingerprint: string | null;
  intent: string | null;
  ending: string | null;
}

/** What a run's rows are written by. Both reject where the fence does not hold. */
export interface Writer {
  start(start: Start): Promise<void>;
  advance(advance: Advance): Promise<void>;
}

/** One statement and one commit for each. */
export function writeOneByOne({ pool }: Store): Writer {
  const [begin, go] = [statement("start"), statement("advance")];
  return {
    start: async (s) => void (await pool.query({ ...begin, values: [s.run_id, s.fingerprint, s.owner, s.started, s.claimed] })),
    advance: async (a) => {
      const of = [a.run_id, a.owner, a.epoch, a.recorded, a.records];
      const values = [...of, a.outcome_key, a.outcome_id, a.outcome, a.intent_key, a.intent_id, a.fingerprint, a.intent, a.ending];
      const { rowCount } = await pool.query({ ...go, values });
      if (rowCount !== 1) throw new Error(`the fence of ${a.run_id} does not hold`);
    },
  };
}

/** Whatever was asked while a statement was under way is the next one, as one JSON parameter. */
export function writeInBatches({ pool }: Store): Writer {
  const [begin, go] = [statement("start-many"), statement("advance-many")];
  return {
    start: groupCommit(async (starts: Start[]) => void (await pool.query({ ...begin, values: [JSON.stringify(starts)] }))),
    advance: groupCommit(async (advances: Advance[]) => {
      const { rowCount } = await pool.query({ ...go, values: [JSON.stringify(advances)] });
      if (rowCount !== advances.length) throw new Error(`${advances.length - (rowCount ?? 0)} fences do not hold`);
    }),
  };
}
