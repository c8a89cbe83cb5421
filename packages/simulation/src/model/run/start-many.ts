import { budgetRequest, idOf, invalidInput, newId, runLabels, TapeError } from "@tape/core";
import type * as store from "@tape/store";
import { fingerprint, runIdOfInvocation, serializeBody, type StartOutcome, type StartRun } from "@tape/store";
import { write } from "../append.ts";
import { plainJson, type Model, type RunRow } from "../model.ts";
import { assertText, invalidField, plain } from "../text.ts";
import type { VerbOf } from "../verb.ts";

const RUN_ID = idOf("run");

/**
 * Starts runs. One outcome per input, in order: a new run, the run that has this invocation already (`resumed`), or a
 * refusal, which keeps none of the others from starting.
 */
export const startRuns: VerbOf<typeof store.startRuns> = (model, inputs) => inputs.map((input) => startOrRefuse(model, input));

function startOrRefuse(model: Model, input: StartRun): StartOutcome {
  try {
    return start(model, input);
  } catch (error) {
    if (error instanceof TapeError) return { refused: error };
    throw error;
  }
}

/** @throws {TapeError} `invocation_conflict` when the run of this invocation has another agent or input; `invalid_input`, `payload_too_large`. */
export function start(model: Model, input: StartRun): { runId: string; resumed: boolean } {
  validate(input);
  const { app, agent, invocationId } = input;
  const id = invocationId === undefined ? newId("run") : runIdOfInvocation(app, invocationId);
  const asked = fingerprint({ agent, input: input.input ?? null });
  const before = model.runs.get(id);
  if (before && before.fingerprint !== asked) {
    throw new TapeError("invocation_conflict", `The invocation ${invocationId} of ${app} was started with another agent or input, as ${id}.`, { runId: id, invocationId });
  }
  if (before) return { runId: id, resumed: true };

  const run = newRun(model, { ...input, invocationId: invocationId ?? id }, id, asked);
  model.runs.set(id, run);
  const { startedBy, pinVersion: version, labels, parentRunId } = run;
  const said = { agent, version, invocationId: run.invocationId, input: input.input ?? null, labels, startedBy };
  write(model, run, [{ kind: "run", verb: "started", payload: { ...said, ...(parentRunId !== null && { parentRunId }) } }]);
  model.hints.push({ on: "run", id, seq: run.seq, wake: true });
  return { runId: id, resumed: false };
}

function validate({ app, agent, startedBy, invocationId, pinVersion, labels = {}, budget = {}, input }: StartRun): void {
  assertText(app, "app");
  assertText(agent, "agent");
  assertText(startedBy, "startedBy");
  if (invocationId !== undefined) assertInvocation(invocationId);
  if (pinVersion !== undefined) assertText(pinVersion, "pinVersion");
  const parsed = runLabels.safeParse(labels);
  if (!parsed.success) throw invalidInput(parsed.error, "labels");
  const unstorable = Object.entries(labels).flat().find((text) => plain(text) !== text);
  if (unstorable !== undefined) throw invalidField("labels", "holds a character that cannot be stored");
  const caps = budgetRequest.safeParse(budget);
  if (!caps.success) throw invalidInput(caps.error, "budget");
  serializeBody(input, "input");
}

/** A run without an invocation of its own has its id for one, and that is nobody else's. */
function assertInvocation(invocationId: string): void {
  assertText(invocationId, "invocationId");
  if (RUN_ID.safeParse(invocationId).success) throw invalidField("invocationId", "has the form of a run's id, which is kept for the run itself");
}

function newRun(model: Model, input: StartRun & { invocationId: string }, id: string, asked: string): RunRow {
  const { app, agent, invocationId, labels = {}, startedBy, budget, pinVersion, parentRunId } = input;
  return {
    ...{ id, app, agent, invocationId, startedBy, fingerprint: asked },
    version: null,
    pinVersion: pinVersion ?? null,
    parentRunId: parentRunId ?? null,
    status: "RUNNABLE",
    endedAs: null,
    labels: plainJson(labels),
    createdAt: model.now,
    startedAt: null,
    endedAt: null,
    cancelReason: null,
    cancelledBy: null,
    cancelledAt: null,
    cancelNoticedAt: null,
    settledAt: null,
    seq: 0,
    inbox: 0,
    foreignOutcomes: 0,
    openEffects: 0,
    armed: 0,
    owner: null,
    epoch: 0,
    leaseExpiresAt: null,
    recorded: 0,
    losses: 0,
    dueAt: model.now,
    waits: null,
    stuck: null,
    outcomeSeq: null,
    capMicroUsd: budget?.capMicroUsd ?? null,
    capTokens: budget?.capTokens ?? null,
    spentMicroUsd: 0,
    spentTokens: 0,
    reservedMicroUsd: 0,
    reservedTokens: 0,
  };
}
