import { newId, TapeError, type Json } from "@tape/core";
import type { Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import { serializeExactly } from "../body.ts";
import { fingerprint } from "../fingerprint.ts";
import { once } from "../idempotency/once.ts";
import { appendToRun } from "../journal/append.ts";
import { hasEnded, lockRun, wakeIf } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { assertText, invalidField } from "../text.ts";
import { inTransaction, type Tx } from "../transaction.ts";

export interface SendSignal {
  runId: string;
  name: string;
  payload?: unknown;
  /** Who, as the journal says it: `user:…`, `token:…`, `run:…`. */
  by: string;
  /** The same key from the same sender is one signal. */
  idempotencyKey?: string;
  /** A person who sends it; then it is audited. */
  actor?: Actor;
}

export interface SentSignal {
  signalId: string;
  runId: string;
  name: string;
  /** This key was sent before: nothing new was sent. */
  repeated: boolean;
}

/**
 * Sends a named message to one run. One that nobody awaits yet is kept for the await that comes; a run is woken only
 * if it waits for this name.
 *
 * @throws {TapeError} `not_found`; `illegal_transition` for a run that has ended; `invalid_input` for a name that is
 *   reserved; `payload_too_large`; `invocation_conflict` for a key that came with another signal.
 */
export async function sendSignal(store: Store, input: SendSignal): Promise<SentSignal> {
  const { runId, name, by, idempotencyKey } = input;
  assertText(name, "name");
  assertText(by, "by");
  if (name.startsWith("gate.")) throw invalidField("name", "names that begin with gate. are reserved; a gate is decided by its decision");
  serializeExactly(input.payload, "payload");
  return await inTransaction(store, async (tx) => {
    if (idempotencyKey === undefined) return { signalId: await send(tx, input), runId, name, repeated: false };
    const request = { scope: `signal:${by}`, key: idempotencyKey, fingerprint: fingerprint({ runId, name, payload: input.payload ?? null }) };
    const { answer, repeated } = await once(tx, request, () => send(tx, input));
    return { signalId: answer, runId, name, repeated };
  });
}

async function send(tx: Tx, { runId, name, payload, by, actor }: SendSignal): Promise<string> {
  const run = await lockRun(tx, runId);
  if (hasEnded(run)) {
    throw new TapeError("illegal_transition", `Run ${runId} is ${run.status}: nobody is left to receive a signal.`, { status: run.status });
  }
  const signalId = newId("sig");
  await appendToRun(tx, {
    runId,
    happenings: [{ kind: "signal", verb: "received", payload: { signalId, name, payload: (payload ?? null) as Json, by } }],
    inbox: 1,
    ...wakeIf(run, (wait) => wait.on === "signal" && wait.name === name),
  });
  if (actor) {
    await appendAudit(tx, { actor: actor.id, action: "signal.send", target: runId, runId, details: { name, signalId }, source: actor.source });
  }
  return signalId;
}
