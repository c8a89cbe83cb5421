import { runMachine, TapeError, type RunStatus, type Wait } from "@tape/core";
import type { Tx } from "../transaction.ts";
import { assertId } from "../identity.ts";

/** What the verbs of people and reactors judge by: read after the row was locked, true until the transaction ends. */
export interface LockedRun {
  id: string;
  app: string;
  agent: string;
  status: RunStatus;
  endedAs: string | null;
  /** Null while its driver has not left; kept while it is compensated. */
  settledAt: Date | null;
  seq: number;
  /** PENDING or UNKNOWN. */
  openEffects: number;
  startedBy: string;
  parentRunId: string | null;
  owner: string | null;
  epoch: number;
  /** It has an owner whose lease has not expired. */
  isDriven: boolean;
  /** Empty unless WAITING. */
  waits: Wait[];
}

/** What a verb with a list of its own selects to lock runs; the table is `r`. */
export const LOCKED_COLUMNS = `id, app, agent, status, ended_as AS "endedAs", settled_at AS "settledAt", seq, open_effects AS "openEffects", started_by AS "startedBy",
  parent_run_id AS "parentRunId", owner, epoch,
  COALESCE(lease_expires_at > tape.now(), false) AS "isDriven", COALESCE(waits, '[]')::json AS waits`;

/**
 * Locks one run. Every verb takes this lock first, before a gate's, an effect's or a timer's, so that none waits for
 * another in a circle.
 *
 * @throws {TapeError} `not_found`
 */
export async function lockRun(tx: Tx, runId: string): Promise<LockedRun> {
  assertId("run", runId);
  const { rows } = await tx.query<LockedRun>(`SELECT ${LOCKED_COLUMNS} FROM tape.runs r WHERE id = $1 FOR UPDATE`, [runId]);
  if (rows[0]) return rows[0];
  throw new TapeError("not_found", `There is no run ${runId}.`);
}

/** Locks those of these runs that nobody holds at the moment, in the order of their ids. */
export async function lockFreeRuns(tx: Tx, runIds: readonly string[]): Promise<Map<string, LockedRun>> {
  const { rows } = await tx.query<LockedRun>(
    `SELECT ${LOCKED_COLUMNS} FROM tape.runs r WHERE id = ANY ($1) ORDER BY id FOR UPDATE SKIP LOCKED`,
    [runIds],
  );
  return new Map(rows.map((run) => [run.id, run]));
}

/** `wake` if the run is parked on what has come, else nothing: a run that is not parked finds it in its journal. */
export function wakeIf(run: LockedRun, hasCome: (wait: Wait) => boolean): { event?: "wake" } {
  return run.status === "WAITING" && run.waits.some(hasCome) ? { event: "wake" } : {};
}

/** Has the agent's code said its last word? Also while it is compensated, and when that is stuck. */
export function hasEnded({ status, endedAs }: Pick<LockedRun, "status" | "endedAs">): boolean {
  return runMachine.ended.includes(status) || status === "COMPENSATING" || endedAs !== null;
}

/** Was it cancelled under this lease, and its driver has not left? Also while its compensation is asked for. */
export function isLeftBy({ status, settledAt, owner, epoch }: LockedRun, lease: { owner: string; epoch: number }): boolean {
  return (status === "CANCELLED" || status === "COMPENSATING") && settledAt === null && owner === lease.owner && epoch === lease.epoch;
}
