import { runMachine, statesLeftBy, TapeError, type Happening, type RunStatus, type StuckReason } from "@tape/core";
import type { Tx } from "../transaction.ts";

/** What one transaction adds to one run: its entries, and what they change on the run's row. */
export type Append = AppendBase & Move;

/** Moves the run's status, if it stands where the event may leave it, with the columns that the event changes. */
export type Move =
  | { event?: "wake" | "redrive" | "compensate" | "compensated" | "resume_walk" }
  | { event: "cancel"; cancelled: { reason: string; by: string } }
  | { event: "give_up"; stuck: StuckReason };

type PeoplesEvent = NonNullable<Move["event"]>;

interface AppendBase {
  runId: string;
  /** In order. */
  happenings: readonly Happening[];
  /** No driver holds the run any more: `settledAt` is set, unless it was before. */
  settles?: boolean;
  /** The lease ends: `given_back` by its owner, or `taken` from it, and the owner is fenced. */
  lease?: "given_back" | "taken";
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
    SELECT * FROM json_to_recordset($1::json) AS i (
      run_id text, entries int, event text, leaves text[], leads_to text, inbox int, foreign_outcomes int, open_effects int, armed int,
      cancel_reason text, cancelled_by text, stuck text, settles boolean, lease text)
  ),
  moved AS (
    UPDATE tape.runs r SET
      seq = r.seq + i.entries,
      inbox = r.inbox + i.inbox,
      foreign_outcomes = r.foreign_outcomes + i.foreign_outcomes,
      open_effects = r.open_effects + i.open_effects,
      armed = r.armed + i.armed,
      status = COALESCE(i.leads_to, r.status),
      ended_as = CASE WHEN i.event = 'compensate' THEN r.status ELSE r.ended_as END,
      waits = CASE WHEN i.event IS NULL THEN r.waits END,
      stuck = CASE WHEN i.event IS NULL THEN r.stuck ELSE i.stuck END,
      due_at = CASE WHEN i.event IS NULL THEN r.due_at ELSE clock.at END,
      losses = CASE WHEN i.event = 'redrive' THEN 0 ELSE r.losses END,
      ended_at = CASE WHEN i.event = 'cancel' THEN clock.at ELSE r.ended_at END,
      cancelled_at = CASE WHEN i.event = 'cancel' THEN clock.at ELSE r.cancelled_at END,
      cancel_reason = COALESCE(i.cancel_reason, r.cancel_reason),
      cancelled_by = COALESCE(i.cancelled_by, r.cancelled_by),
      settled_at = CASE WHEN i.settles THEN COALESCE(r.settled_at, clock.at) ELSE r.settled_at END,
      owner = CASE WHEN i.lease IS NULL THEN r.owner END,
      lease_expires_at = CASE WHEN i.lease IS NULL THEN r.lease_expires_at END,
      epoch = r.epoch + CASE WHEN i.lease = 'taken' THEN 1 ELSE 0 END
    FROM input i, clock
    WHERE r.id = i.run_id AND (i.event IS NULL OR r.status = ANY (i.leaves))
    RETURNING r.id, r.seq, r.seq - i.entries AS before,
      r.status = 'COMPENSATING' AND r.owner IS NULL AND r.settled_at IS NOT NULL AND r.open_effects = 0 AS "canBeWalked"
  ),
  written AS (
    SELECT m.id AS run_id, m.before + h.place AS seq, h.kind, h.verb, h.ref, h.body
    FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[])
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
  SELECT id, before + 1 AS "firstSeq", seq, "canBeWalked" FROM moved`,
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
  const { rows } = await tx.query<{ id: string; canBeWalked: boolean } & Appended>(APPEND, [
    JSON.stringify(appends.map(rowOf)),
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
    const isRunnable = append.event !== undefined && leadsTo(append.event) === "RUNNABLE";
    tx.hint({ on: "run", id: append.runId, seq: result.seq, ...(isRunnable && { wake: true }), ...(append.gates && { gates: true }) });
  }
  // A walk may begin, or go on elsewhere.
  if (rows.some(({ canBeWalked }) => canBeWalked)) tx.hint({ on: "reactors" });
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

/** One run's line of the statement's input. */
function rowOf(append: Append): Record<string, unknown> {
  const { runId, happenings, event, inbox = 0, foreignOutcomes = 0, openEffects = 0, armed = 0, settles = false, lease = null } = append;
  return {
    run_id: runId,
    entries: happenings.length,
    event: event ?? null,
    leaves: event === undefined ? null : statesLeftBy(runMachine, event),
    leads_to: event === undefined ? null : leadsTo(event),
    inbox,
    foreign_outcomes: foreignOutcomes,
    open_effects: openEffects,
    armed,
    cancel_reason: append.event === "cancel" ? append.cancelled.reason : null,
    cancelled_by: append.event === "cancel" ? append.cancelled.by : null,
    stuck: append.event === "give_up" ? JSON.stringify(append.stuck) : null,
    settles,
    lease,
  };
}

/** Each of these events leads to one state, wherever it comes from. */
function leadsTo(event: PeoplesEvent): RunStatus {
  return runMachine.transitions.find((row) => row.event === event)!.to[0]!;
}

function refusal({ runId, event }: Append): TapeError {
  if (!event) return new TapeError("not_found", `There is no run ${runId}.`);
  return new TapeError("illegal_transition", `Run ${runId} is not ${statesLeftBy(runMachine, event).join(" or ")} any more: look again.`);
}
