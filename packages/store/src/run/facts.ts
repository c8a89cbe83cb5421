import type { EffectFacts, EntryOf, GateFacts, ObligationFacts, SendingFacts } from "@tape/core";
import { parseBody } from "../body.ts";
import { LAST_FAILURE } from "../effect/row.ts";
import { groupBy } from "../group-by.ts";
import { read } from "../read.ts";
import type { Store } from "../store.ts";
import { HELD_LOCKS, hasLoaded, IS_ALIVE } from "../worker/presence.ts";
import type { RunRow } from "./row.ts";

export interface WorkerFacts {
  id: string;
  beatAt: Date;
  isAlive: boolean;
  /** One row for each agent it has; null for a worker without any. */
  app: string | null;
  agent: string | null;
  version: string | null;
}

/** The rows that say why a page of runs is where it is, by run. */
export interface PageFacts {
  gates: Map<string, GateFacts[]>;
  effects: Map<string, EffectFacts[]>;
  obligations: Map<string, ObligationFacts[]>;
  workers: WorkerFacts[];
}

/** A card beyond this size keeps its title to itself in lists (bytes). */
const MOST_BYTES = 65_536;
/** How far back in its journal a driven run is searched for what it does at the moment. */
const RECENT_ENTRIES = 20;

export async function readFacts(store: Store, rows: readonly RunRow[]): Promise<PageFacts> {
  const [gates, effects, obligations, workers] = await Promise.all([
    openGates(store, rows.flatMap(({ id, waits }) => (waits.some(({ on }) => on === "gate") ? [id] : []))),
    openEffects(store, rows.filter(({ openEffects }) => openEffects > 0)),
    openObligations(store, rows.flatMap(({ id, status, endedAs }) => (status === "COMPENSATING" || endedAs !== null ? [id] : []))),
    knownWorkers(store),
  ]);
  return { gates, effects, obligations, workers };
}

async function openGates(store: Store, runIds: string[]): Promise<Map<string, GateFacts[]>> {
  if (runIds.length === 0) return new Map();
  const rows = await read<Omit<GateFacts, "title" | "approvals"> & { runId: string; votes: { outcome: string }[]; body: string | null }>(
    store,
    `SELECT g.id, g.run_id AS "runId", g.name, g.status, g.assignees, g.quorum, g.votes, g.deadline_at AS "deadlineAt",
       CASE WHEN octet_length(b.body) < ${MOST_BYTES} THEN b.body END AS body
     FROM tape.gates g LEFT JOIN tape.bodies b ON b.run_id = g.run_id AND b.seq = g.opened_seq
     WHERE g.run_id = ANY ($1) AND g.status = 'OPEN'`,
    [runIds],
  );
  return groupBy(
    rows.map(({ votes, body, ...row }) => ({ ...row, title: titleOf(body), approvals: votes.filter(({ outcome }) => outcome === "approved").length })),
    ({ runId }) => runId,
  );
}

function titleOf(body: string | null): string | null {
  return (parseBody(body) as EntryOf<"gate", "opened">["payload"] | null)?.display?.title ?? null;
}

/**
 * What is not settled: effects a parked run names, what a driven run began lately, what a cancelled run's driver still is
 * at, and what a walk is held up by. There is no index of open effects by run, on purpose: it would be written twice at
 * every step.
 */
async function openEffects(store: Store, runs: readonly RunRow[]): Promise<Map<string, EffectFacts[]>> {
  if (runs.length === 0) return new Map();
  const waitedFor = runs.flatMap(({ waits }) => waits.flatMap((wait) => (wait.on === "effect" ? [wait.effectId] : [])));
  const driven = runs.filter(({ status }) => status !== "WAITING");
  const walked = driven.filter(({ status }) => status === "COMPENSATING").map(({ id }) => id);
  // Few runs at a time, and what they are at may have begun long before they were cancelled.
  const leaving = driven.filter(({ status, settledAt }) => (status === "CANCELLED" || status === "COMPENSATING") && settledAt === null).map(({ id }) => id);
  const rows = await read<Omit<EffectFacts, "sending"> & { runId: string; sending: Omit<SendingFacts, "lastError"> | null; failed: string | null }>(
    store,
    `WITH ${HELD_LOCKS}, wanted AS (
       SELECT unnest($1::text[]) AS id
       UNION SELECT e.ref FROM unnest($2::text[], $3::int[]) AS r (id, seq)
         JOIN tape.entries e ON e.run_id = r.id AND e.seq > r.seq - ${RECENT_ENTRIES} AND e.kind = 'effect'
       UNION SELECT e.id FROM tape.effects e WHERE e.unknown_since IS NOT NULL AND e.run_id = ANY ($4)
       UNION SELECT e.id FROM tape.effects e WHERE e.run_id = ANY ($5) AND e.status = 'PENDING'
     )
     SELECT e.id, e.run_id AS "runId", e.tool, e.status, e.summary, e.created_at AS "createdAt", e.needs_person AS "needsPerson", e.next_check_at AS "nextCheckAt",
       CASE WHEN e.dispatch = 'OUTBOX' AND e.status = 'PENDING' THEN json_build_object(
         'connector', e.connector, 'hasWorker', ${hasLoaded("dispatch", "r.app", "e.connector")}, 'isInFlight', e.in_flight_at IS NOT NULL,
         'attempt', e.attempts, 'nextAttemptAt', tape.iso(e.due_at)) END AS sending, ${LAST_FAILURE} AS failed
     FROM wanted JOIN tape.effects e USING (id) JOIN tape.runs r ON r.id = e.run_id WHERE e.status IN ('PENDING', 'UNKNOWN') ORDER BY e.created_at, e.id`,
    [waitedFor, driven.map(({ id }) => id), driven.map(({ seq }) => seq), walked, leaving],
  );
  const effects = rows.map(({ sending, failed, ...row }) => ({ ...row, sending: sending && { ...sending, lastError: messageIn(failed) } }));
  return groupBy(effects, ({ runId }) => runId);
}

/** Read here: what a counterparty says may hold characters that PostgreSQL can keep in a body, and not take out of it. */
function messageIn(failed: string | null): string | null {
  return (parseBody(failed) as EntryOf<"effect", "attempt_failed">["payload"] | null)?.error.message ?? null;
}

async function openObligations(store: Store, runIds: string[]): Promise<Map<string, ObligationFacts[]>> {
  if (runIds.length === 0) return new Map();
  const rows = await read<ObligationFacts & { runId: string }>(
    store,
    `WITH ${HELD_LOCKS}
     SELECT DISTINCT ON (o.run_id, o.status) o.id, o.run_id AS "runId", o.kind, o.status, o.summary, o.attempts, o.last_error AS "lastError",
       o.next_attempt_at AS "nextAttemptAt", ${hasLoaded("compensate", "r.app", "o.kind")} AS "hasWorker"
     FROM tape.obligations o JOIN tape.runs r ON r.id = o.run_id WHERE o.run_id = ANY ($1) AND o.status IN ('REGISTERED', 'PENDING', 'STUCK')
     ORDER BY o.run_id, o.status, o.position DESC, o.id DESC`,
    [runIds],
  );
  return groupBy(rows, ({ runId }) => runId);
}

async function knownWorkers(store: Store): Promise<WorkerFacts[]> {
  return await read<WorkerFacts>(
    store,
    `WITH ${HELD_LOCKS}
     SELECT w.id, w.beat_at AS "beatAt", ${IS_ALIVE} AS "isAlive", a.app, a.agent, a.version
     FROM tape.workers w LEFT JOIN tape.worker_agents a ON a.worker_id = w.id`,
  );
}
