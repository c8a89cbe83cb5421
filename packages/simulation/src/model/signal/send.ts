import { newId, TapeError, type Json } from "@tape/core";
import { fingerprint, serializeExactly, type SendSignal } from "@tape/store";
import type * as store from "@tape/store";
import { append } from "../append.ts";
import { appendAudit } from "../audit.ts";
import { once } from "../idempotency/once.ts";
import type { Model } from "../model.ts";
import { hasEnded, lockRun, wakeIf } from "../run/lock.ts";
import { assertText, invalidField } from "../text.ts";
import type { VerbOf } from "../verb.ts";

/** A signal that nobody awaits yet is kept for the await that comes. The same key from the same sender is one signal. */
export const sendSignal: VerbOf<typeof store.sendSignal> = (model, input) => {
  const { runId, name, payload, by, idempotencyKey } = input;
  assertText(name, "name");
  assertText(by, "by");
  if (name.startsWith("gate.")) throw invalidField("name", "names that begin with gate. are reserved");
  serializeExactly(payload, "payload");
  if (idempotencyKey === undefined) return { signalId: send(model, input), runId, name, repeated: false };
  const request = { scope: `signal:${by}`, key: idempotencyKey, fingerprint: fingerprint({ runId, name, payload: payload ?? null }) };
  const { answer, repeated } = once(model, request, () => send(model, input));
  return { signalId: answer, runId, name, repeated };
};

function send(model: Model, { runId, name, payload, by, actor }: SendSignal): string {
  const run = lockRun(model, runId);
  if (hasEnded(run)) throw new TapeError("illegal_transition", `Run ${runId} is ${run.status}.`, { status: run.status });
  const signalId = newId("sig");
  append(model, {
    runId,
    happenings: [{ kind: "signal", verb: "received", payload: { signalId, name, payload: (payload ?? null) as Json, by } }],
    inbox: 1,
    ...wakeIf(run, (wait) => wait.on === "signal" && wait.name === name),
  });
  if (actor) appendAudit(model, { actor: actor.id, action: "signal.send", target: runId, runId, details: { name, signalId } });
  return signalId;
}
