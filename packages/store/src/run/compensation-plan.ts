import { sumMoney, type CompensationItem, type CompensationPlan, type RunStatus } from "@tape/core";
import { assertId, notFound } from "../identity.ts";
import { OBLIGATION_COLUMNS, toObligation, WALK_ORDER, type ObligationRow } from "../obligation/row.ts";
import { read } from "../read.ts";
import { keptUntil } from "../retention/announce.ts";
import type { Store } from "../store.ts";
import { HELD_LOCKS, hasLoaded } from "../worker/presence.ts";
import { insteadOfCompensating } from "./compensate.ts";
import { iso } from "./row.ts";

interface PlannedRun {
  id: string;
  status: RunStatus;
  endedAs: string | null;
  owner: string | null;
  settledAt: Date | null;
  openEffects: number;
  now: Date;
}

/**
 * What compensating a run would take back, or is taking back, in the order of the walk, before anything is done (O8).
 * Changes nothing.
 *
 * @throws {TapeError} `not_found`
 */
export async function compensationPlan(store: Store, { id }: { id: string }): Promise<CompensationPlan> {
  assertId("run", id);
  const [run] = await read<PlannedRun>(
    store,
    `SELECT id, status, ended_as AS "endedAs", owner, settled_at AS "settledAt", open_effects AS "openEffects", tape.now() AS now FROM tape.runs WHERE id = $1`,
    [id],
  );
  if (!run) throw notFound("run", id);
  const [items, unsettled] = await Promise.all([readItems(store, id), run.openEffects > 0 ? readUnsettled(store, id) : []]);
  const owed = items.flatMap(({ obligation }) => (obligation.status === "COMPENSATED" || obligation.status === "WAIVED" ? [] : [obligation]));
  const amounts = owed.flatMap(({ amount }) => (amount === null ? [] : [amount]));
  const { status } = run;
  const until = owed.length > 0 && (status === "COMPLETED" || status === "FAILED" || status === "CANCELLED") ? await keptUntil(store, { runId: id, status }) : null;
  return {
    runId: id,
    status,
    refusal: insteadOfCompensating(run),
    items,
    totals: sumMoney(amounts),
    withoutAmount: owed.length - amounts.length,
    unsettled,
    // The owner of a settled run walks it.
    drivenBy: run.settledAt === null ? run.owner : null,
    ...(until && { compensableUntil: until.toISOString() }),
    serverTime: run.now.toISOString(),
  };
}

async function readItems(store: Store, runId: string): Promise<CompensationItem[]> {
  const rows = await read<ObligationRow & { tool: string; did: string | null; doneAt: Date | null; hasWorker: boolean }>(
    store,
    `WITH ${HELD_LOCKS},
     kinds AS MATERIALIZED (
       SELECT known.kind, ${hasLoaded("compensate", "known.app", "known.kind")} AS "hasWorker"
       FROM (SELECT DISTINCT r.app, o.kind FROM tape.obligations o JOIN tape.runs r ON r.id = o.run_id WHERE o.run_id = $1) known
     )
     SELECT ${OBLIGATION_COLUMNS}, COALESCE(e.tool, '') AS tool, e.summary AS did, e.settled_at AS "doneAt", kinds."hasWorker"
     FROM tape.obligations o JOIN kinds USING (kind) LEFT JOIN tape.effects e ON e.run_id = o.run_id AND e.key = o.effect_key
     WHERE o.run_id = $1 ORDER BY ${WALK_ORDER}`,
    [runId],
  );
  return rows.map(({ tool, did, doneAt, hasWorker, ...row }) => ({
    obligation: toObligation(row),
    effect: { id: row.effectId, tool, summary: did, settledAt: iso(doneAt) },
    hasWorker,
  }));
}

async function readUnsettled(store: Store, runId: string): Promise<CompensationPlan["unsettled"]> {
  const rows = await read<Omit<CompensationPlan["unsettled"][number], "createdAt"> & { createdAt: Date }>(
    store,
    `SELECT id, tool, summary, status, created_at AS "createdAt" FROM tape.effects
     WHERE run_id = $1 AND status IN ('PENDING', 'UNKNOWN') ORDER BY created_at, id`,
    [runId],
  );
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}
