import { newId } from "@tape/core";
import type { Tx } from "../transaction.ts";

export interface AuditInput {
  /** Who: `user:…`, `cli:…`, `token:…`. */
  actor: string;
  /** What, as `thing.verb`: `gate.approve`, `run.redrive`. */
  action: string;
  /** The id of what it was done to. */
  target: string;
  runId?: string | null;
  /** What else a reader needs: the reason, the words shown. JSON. */
  details?: unknown;
  /** From where: an address, a program. */
  source?: string | undefined;
}

/** One line of the audit log, in the transaction of what it tells of (D37). The sealer chains it later. */
export async function appendAudit(tx: Pick<Tx, "query">, { actor, action, target, runId, details, source }: AuditInput): Promise<void> {
  await tx.query(
    `INSERT INTO tape.audit (id, at, actor, action, target, run_id, details, source)
     VALUES ($1, tape.now(), $2, $3, $4, $5, $6, $7)`,
    [newId("aud"), actor, action, target, runId ?? null, JSON.stringify(details ?? {}), source ?? null],
  );
}
