import { createHash } from "node:crypto";
import { budgetRequest, idFromBytes, invalidInput, newId, runLabels, TapeError } from "@tape/core";
import type { QueryConfig, QueryResult, QueryResultRow } from "pg";
import { serializeBody } from "../body.ts";
import { toTapeError } from "../failure.ts";
import { fingerprint } from "../fingerprint.ts";
import { isId } from "../identity.ts";
import type { Store } from "../store.ts";
import { assertText, invalidField, isStorable } from "../text.ts";

export interface StartRun {
  app: string;
  agent: string;
  input?: unknown;
  /** The caller's identity of the work: the same one twice is one run (D36). Default: the run's own id. */
  invocationId?: string;
  labels?: Record<string, string>;
  budget?: { capMicroUsd?: number; capTokens?: number };
  /** Only a worker with this version of the agent may claim it (D10). */
  pinVersion?: string;
  /** Who: `user:…`, `token:…`, `cli:…`, `run:…`. */
  startedBy: string;
  parentRunId?: string;
}

export type StartOutcome = { runId: string; resumed: boolean } | { refused: TapeError };

/** A pool or a transaction. */
export interface Querying {
  query<Row extends QueryResultRow>(statement: string | QueryConfig, values?: unknown[]): Promise<QueryResult<Row>>;
}

/** The id of the run of an invocation, known before there is one. */
export function runIdOfInvocation(app: string, invocationId: string): string {
  return idFromBytes("run", createHash("sha256").update(JSON.stringify([app, invocationId])).digest());
}

/**
 * Starts runs, all in one statement, and wakes a worker. One outcome per input, in order: a new run, the run that
 * has this invocation already (`resumed`), or a refusal: `invocation_conflict` when that one has another agent or
 * input, `invalid_input`, `payload_too_large`. A refusal keeps none of the others from starting. A run that retention has
 * deleted is `resumed` too: its invocation stays taken.
 */
export async function startRuns(store: Store, inputs: readonly StartRun[]): Promise<StartOutcome[]> {
  try {
    const outcomes = await insertRuns(store.pool, inputs);
    store.hints.publish(outcomes.flatMap((outcome) => ("runId" in outcome && !outcome.resumed ? [startHint(outcome.runId)] : [])));
    return outcomes;
  } catch (error) {
    throw toTapeError(error);
  }
}

export function startHint(runId: string) {
  return { on: "run", id: runId, seq: 1, wake: true } as const;
}

interface Prepared extends StartRun {
  id: string;
  invocationId: string;
  isNamed: boolean;
  fingerprint: string;
  body: string;
}

/** {@link startRuns} on a connection of the caller's, without the hints. */
export async function insertRuns(on: Querying, inputs: readonly StartRun[]): Promise<StartOutcome[]> {
  const prepared = inputs.map(prepare);
  const first = new Map<string, Prepared>();
  for (const run of prepared) if (!(run instanceof TapeError) && !first.has(run.id)) first.set(run.id, run);

  const started = await insertNew(on, [...first.values()]);
  const known = await findKnown(on, [...first.values()].filter(({ id }) => !started.has(id)));
  return prepared.map((run): StartOutcome => {
    if (run instanceof TapeError) return { refused: run };
    const isNew = started.has(run.id) && first.get(run.id) === run;
    const standing = started.has(run.id) ? first.get(run.id)!.fingerprint : known.get(run.id);
    return isNew || standing === run.fingerprint ? { runId: run.id, resumed: !isNew } : { refused: conflict(run) };
  });
}

function prepare(input: StartRun): Prepared | TapeError {
  try {
    assertText(input.app, "app");
    assertText(input.agent, "agent");
    assertText(input.startedBy, "startedBy");
    if (input.invocationId !== undefined) assertInvocation(input.invocationId);
    if (input.pinVersion !== undefined) assertText(input.pinVersion, "pinVersion");
    assertLabels(input.labels ?? {});
    const budget = budgetRequest.safeParse(input.budget ?? {});
    if (!budget.success) throw invalidInput(budget.error, "budget");
    serializeBody(input.input, "input");
    const isNamed = input.invocationId !== undefined;
    const id = isNamed ? runIdOfInvocation(input.app, input.invocationId!) : newId("run");
    const run = { ...input, id, invocationId: input.invocationId ?? id, isNamed };
    return { ...run, fingerprint: fingerprint({ agent: input.agent, input: input.input ?? null }), body: startedBody(run) };
  } catch (error) {
    if (error instanceof TapeError) return error;
    throw error;
  }
}

/** A run without an invocation of its own has its id for one, and that is nobody else's. */
function assertInvocation(invocationId: string): void {
  assertText(invocationId, "invocationId");
  if (isId("run", invocationId)) throw invalidField("invocationId", "has the form of a run's id, which is kept for the run itself");
}

function assertLabels(labels: Record<string, string>): void {
  const parsed = runLabels.safeParse(labels);
  if (!parsed.success) throw invalidInput(parsed.error, "labels");
  const unstorable = Object.entries(labels).find(([name, value]) => !isStorable(name) || !isStorable(value));
  if (unstorable) throw invalidField(`labels.${unstorable[0]}`, "holds a character that cannot be stored");
}

function startedBody(run: StartRun & { invocationId: string }): string {
  return JSON.stringify({
    agent: run.agent,
    version: run.pinVersion ?? null,
    invocationId: run.invocationId,
    input: run.input ?? null,
    labels: run.labels ?? {},
    startedBy: run.startedBy,
    parentRunId: run.parentRunId,
  });
}

// The invocation is inserted first: who comes second waits there for the first to commit, and then finds it.
const START = {
  name: "start_runs",
  text: `
  WITH clock AS MATERIALIZED (SELECT date_trunc('milliseconds', tape.now()) AS at),
  input AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bool[], $7::text[], $8::text[],
                         $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[])
      AS i (id, app, agent, pin_version, invocation_id, is_named, fingerprint, parent_run_id, labels, started_by, cap_micro_usd, cap_tokens, body)
  ),
  named AS (
    INSERT INTO tape.invocations (app, invocation_id, run_id, fingerprint, created_at)
    SELECT app, invocation_id, id, fingerprint, clock.at FROM input, clock WHERE is_named ORDER BY app, invocation_id
    ON CONFLICT DO NOTHING RETURNING run_id
  ),
  started AS (
    INSERT INTO tape.runs (id, app, agent, pin_version, invocation_id, fingerprint, parent_run_id, status, labels, started_by,
                           created_at, seq, due_at, cap_micro_usd, cap_tokens)
    SELECT id, app, agent, pin_version, invocation_id, fingerprint, parent_run_id, 'RUNNABLE', labels::jsonb, started_by,
           clock.at, 1, clock.at, cap_micro_usd, cap_tokens
    FROM input, clock WHERE NOT is_named OR id IN (SELECT run_id FROM named)
    RETURNING id
  ),
  envelopes AS (
    INSERT INTO tape.entries (run_id, seq, kind, verb, at) SELECT id, 1, 'run', 'started', clock.at FROM started, clock
  ),
  bodies AS (
    INSERT INTO tape.bodies (run_id, seq, body) SELECT id, 1, i.body FROM started JOIN input i USING (id)
  )
  SELECT id FROM started`,
};

async function insertNew(on: Querying, runs: Prepared[]): Promise<Set<string>> {
  if (runs.length === 0) return new Set();
  const { rows } = await on.query<{ id: string }>(START, [
    runs.map(({ id }) => id),
    runs.map(({ app }) => app),
    runs.map(({ agent }) => agent),
    runs.map(({ pinVersion }) => pinVersion ?? null),
    runs.map(({ invocationId }) => invocationId),
    runs.map(({ isNamed }) => isNamed),
    runs.map((run) => run.fingerprint),
    runs.map(({ parentRunId }) => parentRunId ?? null),
    runs.map(({ labels }) => JSON.stringify(labels ?? {})),
    runs.map(({ startedBy }) => startedBy),
    runs.map(({ budget }) => budget?.capMicroUsd ?? null),
    runs.map(({ budget }) => budget?.capTokens ?? null),
    runs.map(({ body }) => body),
  ]);
  return new Set(rows.map(({ id }) => id));
}

/** A statement of its own: what another transaction committed meanwhile is not in the snapshot of the insert. */
async function findKnown(on: Querying, runs: Prepared[]): Promise<Map<string, string>> {
  if (runs.length === 0) return new Map();
  const { rows } = await on.query<{ id: string; fingerprint: string }>(
    `SELECT i.run_id AS id, i.fingerprint FROM tape.invocations i
     JOIN unnest($1::text[], $2::text[]) AS asked (app, invocation_id) USING (app, invocation_id)`,
    [runs.map(({ app }) => app), runs.map(({ invocationId }) => invocationId)],
  );
  return new Map(rows.map((row) => [row.id, row.fingerprint]));
}

function conflict({ id, app, invocationId }: Prepared): TapeError {
  return new TapeError(
    "invocation_conflict",
    `The invocation ${invocationId} of ${app} was started with another agent or input, as ${id}. Take a new invocationId for new work.`,
    { runId: id, invocationId },
  );
}
