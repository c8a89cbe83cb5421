import { newId, type Dispatch, type EffectStatus, type Semantics } from "@tape/core";
import { fingerprint } from "../fingerprint.ts";
import { appendToRun } from "../journal/append.ts";
import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";

export interface EffectShape {
  /** PENDING or UNKNOWN; the verbs under test settle it. Default UNKNOWN. */
  status?: Extract<EffectStatus, "PENDING" | "UNKNOWN">;
  tool?: string;
  semantics?: Semantics;
  dispatch?: Dispatch;
  request?: unknown;
  businessKey?: string;
  compensator?: string;
  /** When it is looked at next, from now (ms). Default 0: at once. */
  checkInMs?: number;
  needsPerson?: boolean;
  checks?: number;
}

export interface MadeEffect {
  id: string;
  runId: string;
  key: string;
  tool: string;
}

let calls = 0;

/** An effect whose intent is recorded, as a driver records it; UNKNOWN ones have lost their acknowledgement. */
export async function makeEffect(store: Store, runId: string, shape: EffectShape = {}): Promise<MadeEffect> {
  const { status = "UNKNOWN", tool = "wire", semantics = "IDEMPOTENT", dispatch = "INLINE", request = { to: "acme" } } = shape;
  const id = newId("eff");
  const key = `${runId}//d0/${tool}/${++calls}`;
  const print = fingerprint(request);
  const connector = dispatch === "OUTBOX" ? "bank" : null;
  const isUnknown = status === "UNKNOWN";
  await inTransaction(store, async (tx) => {
    await tx.query("SELECT FROM tape.runs WHERE id = $1 FOR UPDATE", [runId]);
    const step = { effectId: id, key };
    const { firstSeq } = await appendToRun(tx, {
      runId,
      happenings: [
        { kind: "effect", verb: "intended", payload: { ...step, tool, request, fingerprint: print, semantics, dispatch, businessKey: shape.businessKey } },
        ...(isUnknown ? [{ kind: "effect" as const, verb: "unknown" as const, payload: { ...step, reason: "the acknowledgement was lost" } }] : []),
      ],
      openEffects: 1,
    });
    await tx.query(
      `INSERT INTO tape.effects (id, run_id, key, tool, status, semantics, dispatch, fingerprint, request_seq, connector, business_key, compensator,
         created_at, unknown_since, checks, next_check_at, needs_person, due_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, tape.now(), CASE WHEN $13 THEN tape.now() END, $14,
         CASE WHEN $13 AND NOT $15 THEN tape.now() + $16 * interval '1 ms' END, $15, CASE WHEN $7 = 'OUTBOX' AND NOT $13 THEN tape.now() END)`,
      [id, runId, key, tool, status, semantics, dispatch, print, firstSeq, connector, shape.businessKey ?? null, shape.compensator ?? null,
        isUnknown, shape.checks ?? 0, shape.needsPerson ?? false, shape.checkInMs ?? 0],
    );
    if (shape.businessKey !== undefined) {
      await tx.query("INSERT INTO tape.business_keys (connector, business_key, run_id, effect_key, created_at) VALUES ($1, $2, $3, $4, tape.now())", [connector, shape.businessKey, runId, key]);
    }
  });
  return { id, runId, key, tool };
}
