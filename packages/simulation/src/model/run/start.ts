import type * as store from "@tape/store";
import { fingerprint, type StartOneRun } from "@tape/store";
import { appendAudit } from "../audit.ts";
import { once } from "../idempotency/once.ts";
import type { Model } from "../model.ts";
import type { VerbOf } from "../verb.ts";
import { getRun } from "./get.ts";
import { start } from "./start-many.ts";

/** Starts one run, or finds the one that was started for this invocation or key before (`resumed`). A start by a person is audited. */
export const startRun: VerbOf<typeof store.startRun> = (model, input) => {
  const { idempotencyKey, invocationId } = input;
  const { runId, resumed } = idempotencyKey !== undefined && invocationId === undefined ? startOnce(model, input, idempotencyKey) : startNow(model, input);
  return { run: getRun(model, { id: runId }), resumed };
};

interface Started {
  runId: string;
  resumed: boolean;
}

function startOnce(model: Model, input: StartOneRun, key: string): Started {
  const { app, agent, startedBy } = input;
  const request = { scope: `start:${startedBy}`, key, fingerprint: fingerprint({ app, agent, input: input.input ?? null }) };
  const { answer, repeated } = once(model, request, () => startNow(model, input).runId);
  return { runId: answer, resumed: repeated };
}

function startNow(model: Model, input: StartOneRun): Started {
  const { app, agent, invocationId = null, startedBy: actor } = input;
  const started = start(model, input);
  if (!started.resumed && /^(user|cli):/.test(actor)) {
    appendAudit(model, { actor, action: "run.start", target: started.runId, runId: started.runId, details: { app, agent, invocationId } });
  }
  return started;
}
