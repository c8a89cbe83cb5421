import { newId, type GateDisplay, type GateForm, type Risk } from "@tape/core";
import { fingerprint } from "../fingerprint.ts";
import { appendToRun } from "../journal/append.ts";
import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";

export interface GateShape {
  name?: string;
  occurrence?: number;
  payload?: unknown;
  form?: GateForm | null;
  display?: GateDisplay | null;
  risk?: Risk | null;
  assignees?: string[];
  quorum?: number;
  allowSelf?: boolean;
  /** From now (ms); below 0 it has passed. Arms the `gate_timeout` timer too. */
  deadlineMs?: number;
}

export interface MadeGate {
  id: string;
  runId: string;
  name: string;
  fingerprint: string;
}

/** An open gate of a run, as a driver opens it. Does not park the run: see `parkOn`. */
export async function makeGate(store: Store, runId: string, shape: GateShape = {}): Promise<MadeGate> {
  const { name = "cfo-approval", occurrence = 1, payload = { total: 12 }, form = null, display = null, risk = null, assignees = [], quorum = 1, allowSelf = true } = shape;
  const id = newId("gate");
  const seen = fingerprint({ name, payload, form, risk, display });
  const key = `${runId}//d0/${name}/${occurrence}`;
  await inTransaction(store, async (tx) => {
    const { rows } = await tx.query<{ openedAt: Date; deadlineAt: Date | null; agent: string }>(
      `SELECT tape.now() AS "openedAt", tape.now() + $2 * interval '1 ms' AS "deadlineAt", agent FROM tape.runs WHERE id = $1 FOR UPDATE`,
      [runId, shape.deadlineMs ?? null],
    );
    const { openedAt, deadlineAt, agent } = rows[0]!;
    const opened = { gateId: id, name, key, occurrence, payload, form, risk, display, assignees, quorum, fingerprint: seen, deadlineAt: deadlineAt?.toISOString() ?? null };
    const { seq } = await appendToRun(tx, { runId, happenings: [{ kind: "gate", verb: "opened", payload: opened }], gates: true });
    await tx.query(
      `INSERT INTO tape.gates (id, run_id, agent, key, name, occurrence, status, fingerprint, opened_seq, risk, assignees, quorum, allow_self, opened_at, deadline_at)
       VALUES ($1, $2, $3, $4, $5, $6, 'OPEN', $7, $8, $9, $10, $11, $12, $13, $14)`,
      [id, runId, agent, key, name, occurrence, seen, seq, risk, assignees, quorum, allowSelf, openedAt, deadlineAt],
    );
    if (deadlineAt) {
      await tx.query(
        `INSERT INTO tape.timers (run_id, id, kind, ref, fire_at, status, created_at) VALUES ($1, $2, 'gate_timeout', $3, $4, 'ARMED', tape.now())`,
        [runId, id, id, deadlineAt],
      );
    }
  });
  return { id, runId, name, fingerprint: seen };
}
