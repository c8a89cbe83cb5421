import { TapeError, type Happening, type StepKind } from "@tape/core";
import { askStep, fenceOf, refused } from "../drive/asking.ts";
import type { LiveStep, Outcome } from "../drive/step.ts";
import { fromRecorded } from "../error/index.ts";
import type { Run } from "../run.ts";
import { keepArguments } from "../steps/arguments.ts";
import { pause } from "../steps/retry.ts";
import { storable } from "../steps/storable.ts";
import { askingRun, callerAtOnce, nameOfStep, type Caller } from "./caller.ts";
import { giveRefusal, isRefusal } from "./refusal.ts";

/** Something that can be asked of Tape: at once from outside and from a body, and as a step in agent code (D6). */
export interface Operation<Kept, Answer = Kept> {
  /** Of the record that keeps the answer. Default `sample`: `run.sampled` with the name and the arguments' fingerprint. */
  kind?: StepKind;
  /** Part of the step's key, and what its record is found by. */
  name: string;
  /** What it is asked with. Another on a later drive is nondeterminism. */
  given: unknown;
  /**
   * Does it. As a step it is repeated with the same key after a crash, and while the database is away, and must come to
   * one act. What it throws as a `TapeError` is the answer, on every drive.
   */
  act(caller: Caller): Promise<Kept>;
  /** The record that keeps the answer, of this `kind`. */
  record?(kept: Kept, step: { key: string; fingerprint: string }): Happening;
  /** What the caller gets, made of what is kept. Default: the same. */
  answer?(kept: Kept): Answer;
}

/** Asks for an operation from wherever the caller is. */
export function ask<Kept, Answer = Kept>(app: string, operation: Operation<Kept, Answer>): Promise<Answer> {
  const run = askingRun();
  return run ? askAsStep(run, operation) : actAtOnce(app, operation);
}

async function actAtOnce<Kept, Answer>(app: string, operation: Operation<Kept, Answer>): Promise<Answer> {
  return answerOf(operation, await operation.act(callerAtOnce(app)));
}

function askAsStep<Kept, Answer>(run: Run, operation: Operation<Kept, Answer>): Promise<Answer> {
  const { kind = "sample", name } = operation;
  try {
    const { fingerprint } = keepArguments(name, operation.given);
    const call = { name, fingerprint };
    return askStep<Answer>(run, {
      kind,
      name,
      fingerprint,
      mayChange: (recorded) => isRefusal(recorded, call),
      begin: (live) => live.perform(() => perform(run, live, operation, fingerprint).catch((refusal: unknown) => giveRefusal(live, call, refusal))),
      open: (outcome: Outcome) => {
        if (!outcome.ok) throw fromRecorded(outcome.error);
        return answerOf(operation, outcome.value as Kept);
      },
    });
  } catch (error) {
    return refused(error);
  }
}

async function perform<Kept, Answer>(run: Run, live: LiveStep, operation: Operation<Kept, Answer>, fingerprint: string): Promise<void> {
  const { key, signal } = live;
  const caller: Caller = { by: `run:${run.id}`, fence: fenceOf(run), step: { runId: run.id, key: nameOfStep(run.id, key), signal } };
  // What the code goes by is committed before it acts on it, and a driver that may not write any more does not act either.
  await live.record();
  const kept = storable(await patiently(signal, () => operation.act(caller)));
  if (!kept.ok) throw new TapeError("payload_too_large", `the answer of ${operation.name} cannot be kept in the journal: ${kept.message}; ask for less`);
  const value = (kept.value ?? null) as Kept;
  const sampled: Happening = { kind: "run", verb: "sampled", payload: { key, name: operation.name, fingerprint, value } };
  live.give({ ok: true, value }, [{ happening: operation.record?.(value, { key, fingerprint }) ?? sampled }]);
}

function answerOf<Kept, Answer>({ answer }: Operation<Kept, Answer>, kept: Kept): Answer {
  // Without `answer`, `Answer` is `Kept`.
  return answer ? answer(kept) : (kept as unknown as Answer);
}

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

/** A database that is away is no answer: a drive that still has its lease asks again. */
export async function patiently<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)) {
    try {
      return await act();
    } catch (error) {
      if (!TapeError.is(error, "unavailable") || signal.aborted) throw error;
      await pause(delayMs * (0.5 + Math.random() / 2), signal);
    }
  }
}
