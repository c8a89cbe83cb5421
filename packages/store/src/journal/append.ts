import { runMachine, statesLeftBy, TapeError, type Happening, type RunEvent } from "@tape/core";
import type { Tx } from "../transaction.ts";

/** What one transaction adds to one run: its entries, and what they change on the run's row. */
export interface Append {
  runId: string;
  /** In order; at least one. */
  happenings: readonly Happening[];
  /** Moves the run's status, if it stands where this event may leave it. */
  event?: "wake" | "redrive";
  /** How much each counter that guards read goes up, or down (D33). */
  inbox?: number;
  foreignOutcomes?: number;
  openEffects?: number;
  armed?: number;
  /** One of the run's gates changed: told in the hint. */
  gates?: boolean;
}

/** The first and the last number that the entries got. */
export interface Appended {
  firstSeq: number;
  seq: number;
}

const APPEND = {
  name: "append_entries",
  text: `
  WITH clock AS MATERIALIZED (SELECT tape.now() AS at),
  input AS (
    SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::int[], $6::int[], $7::int[], $8::int[])
      AS i (run_id, entries, event, leaves, inbox, foreign_outcomes, open_effects, armed)
  ),
  moved AS (
    UPDATE tape.runs r SET
      seq = r.seq + i.entries,
      inbox = r.inbox + i.inbox,
      foreign_outcomes = r.foreign_outcomes + i.foreign_outcomes,
      open_effects = r.open_effects + i.open_effects,
      armed = r.armed + i.armed,
      status = CASE WHEN i.event IS NULL THEN r.status ELSE 'RUNNABLE' END,
      waits = CASE WHEN i.event IS NULL THEN r.waits END,
      stuck = CASE WHEN i.event IS NULL THEN r.stuck END,
      due_at = CASE WHEN i.event IS NULL THEN r.due_at ELSE clock.at END,
      losses = CASE WHEN i.event = 'redrive' THEN 0 ELSE r.losses END
    FROM input i, clock
    WHERE r.id = i.run_id AND (i.event IS NULL OR r.status = ANY (string_to_array(i.leaves, ',')))
    RETURNING r.id, r.seq, r.seq - i.entries AS before
  ),
  written AS (
    SELECT m.id AS run_id, m.before + h.place AS seq, h.kind, h.verb, h.ref, h.body
    FROM unnest($9::text[], $10::int[], $11::text[], $12::text[], $13::text[], $14::text[])
      AS h (run_id, place, kind, verb, ref, body)
    JOIN moved m ON m.id = h.run_id
  ),
  envelopes AS (
    INSERT INTO tape.entries (run_id, seq, kind, verb, ref, at)
    SELECT run_id, seq, kind, verb, ref, clock.at FROM written, clock
  ),
  bodies AS (
    INSERT INTO tape.bodies (run_id, seq, body) SELECT run_id, seq, body FROM written
  )
  SELECT id, before + 1 AS "firstSeq", seq FROM moved`,
};

/**
 * The one place that appends entries for the verbs of people and reactors: envelopes, bodies, counters and status in
 * one statement, one update per run, and the hint with it. The transaction must hold the lock of every run's row.
 *
 * @throws {TapeError} `illegal_transition` when a run is not where `event` may leave it; nothing of any run is kept.
 */
export async function appendEntries(tx: Tx, appends: readonly Append[]): Promise<Map<string, Appended>> {
  if (appends.length === 0) return new Map();
  const lines = appends.flatMap(({ runId, happenings }) => happenings.map((happening, index) => ({ runId, place: index + 1, happening })));
  const { rows } = await tx.query<{ id: string } & Appended>(APPEND, [
    appends.map(({ runId }) => runId),
    appends.map(({ happenings }) => happenings.length),
    appends.map(({ event }) => event ?? null),
    appends.map(({ event }) => (event ? leaves(event) : null)),
    appends.map(({ inbox }) => inbox ?? 0),
    appends.map(({ foreignOutcomes }) => foreignOutcomes ?? 0),
    appends.map(({ openEffects }) => openEffects ?? 0),
    appends.map(({ armed }) => armed ?? 0),
    lines.map(({ runId }) => runId),
    lines.map(({ place }) => place),
    lines.map(({ happening }) => happening.kind),
    lines.map(({ happening }) => happening.verb),
    lines.map(({ happening }) => refOf(happening)),
    lines.map(({ happening }) => JSON.stringify(happening.payload)),
  ]);
  const appended = new Map(rows.map(({ id, firstSeq, seq }) => [id, { firstSeq, seq }]));
  for (const append of appends) {
    const result = appended.get(append.runId);
    if (!result) throw refusal(append);
    tx.hint({ on: "run", id: append.runId, seq: result.seq, ...(append.event && { wake: true }), ...(append.gates && { gates: true }) });
  }
  return appended;
}

/** {@link appendEntries} for one run. */
export async function appendToRun(tx: Tx, append: Append): Promise<Appended> {
  const appended = await appendEntries(tx, [append]);
  return appended.get(append.runId)!;
}

/** The id of the thing an entry is about, kept on its envelope. */
export function refOf({ kind, payload }: Happening): string | null {
  const ids = payload as Partial<Record<string, string>>;
  const id = { effect: ids.effectId, obligation: ids.obligationId, gate: ids.gateId, timer: ids.timerId, signal: ids.signalId }[kind as "effect"];
  return id ?? null;
}

function leaves(event: RunEvent): string {
  return statesLeftBy(runMachine, event).join(",");
}

function refusal({ runId, event }: Append): TapeError {
  if (!event) return new TapeError("not_found", `There is no run ${runId}.`);
  return new TapeError("illegal_transition", `Run ${runId} is not ${statesLeftBy(runMachine, event).join(" or ")} any more: look again.`);
}
