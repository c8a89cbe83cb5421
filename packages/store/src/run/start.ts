import { TapeError, type Run } from "@tape/core";
import { appendAudit } from "../audit/append.ts";
import { fingerprint } from "../fingerprint.ts";
import { once } from "../idempotency/once.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { getRun } from "./get.ts";
import { insertRuns, startHint, type StartRun } from "./start-many.ts";

export interface StartOneRun extends StartRun {
  /** For a caller without an invocation of its own: the same key from the same caller is one run. */
  idempotencyKey?: string;
  /** Of the request, for the audit log: an address, a program. */
  source?: string;
}

/**
 * Starts one run, or finds the one that was started for this invocation or key before (`resumed`). A start by a
 * person is audited; one by a token or a run is in the journal alone (D37).
 *
 * @throws {TapeError} `invocation_conflict`, also for an invocation whose run is over and was deleted by retention;
 *   `invalid_input`, `payload_too_large`.
 */
export async function startRun(store: Store, input: StartOneRun): Promise<{ run: Run; resumed: boolean }> {
  const { runId, resumed } = await inTransaction(store, (tx) => (needsKey(input) ? startOnce(tx, input) : startNow(tx, input)));
  return { run: await getStarted(store, input, runId), resumed };
}

/** What was done once is not done again, even when nothing else is left of it (D36). */
async function getStarted(store: Store, { invocationId }: StartOneRun, runId: string): Promise<Run> {
  try {
    return await getRun(store, { id: runId });
  } catch (error) {
    if (!TapeError.is(error, "not_found")) throw error;
    const message = `This was run before, as ${runId}, which ended and was deleted by retention. Nothing was started; take a new invocationId for new work.`;
    throw new TapeError("invocation_conflict", message, { runId, invocationId: invocationId ?? null, deleted: true });
  }
}

interface Started {
  runId: string;
  resumed: boolean;
}

function needsKey(input: StartOneRun): input is StartOneRun & { idempotencyKey: string } {
  return input.idempotencyKey !== undefined && input.invocationId === undefined;
}

async function startOnce(tx: Tx, input: StartOneRun & { idempotencyKey: string }): Promise<Started> {
  const { app, agent, startedBy, idempotencyKey } = input;
  const request = { scope: `start:${startedBy}`, key: idempotencyKey, fingerprint: fingerprint({ app, agent, input: input.input ?? null }) };
  const { answer, repeated } = await once(tx, request, async () => (await startNow(tx, input)).runId);
  return { runId: answer, resumed: repeated };
}

async function startNow(tx: Tx, input: StartOneRun): Promise<Started> {
  const [outcome] = await insertRuns(tx, [input]);
  if (!outcome || "refused" in outcome) throw outcome!.refused;
  if (outcome.resumed) return outcome;
  tx.hint(startHint(outcome.runId));
  if (/^(user|cli):/.test(input.startedBy)) {
    await appendAudit(tx, {
      actor: input.startedBy,
      action: "run.start",
      target: outcome.runId,
      runId: outcome.runId,
      details: { app: input.app, agent: input.agent, invocationId: input.invocationId ?? null },
      source: input.source,
    });
  }
  return outcome;
}
