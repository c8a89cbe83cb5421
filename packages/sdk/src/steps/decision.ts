import type { StepHistory } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import type { LiveStep, Outcome, StepSpec } from "../drive/step.ts";
import { toRecorded } from "../error/index.ts";
import { askStep } from "../drive/asking.ts";
import type { Run } from "../run.ts";
import { keepArguments } from "./arguments.ts";
import { storable } from "./storable.ts";
import { checkedReading, readUsage, type AnswerReading } from "./usage.ts";

export interface DecideRequest<Response = unknown> {
  model: string;
  /** What the model is asked, as JSON: its fingerprint names the question. */
  request: unknown;
  /** What the answer says about its cost and reasons. Default: the shapes of the AI SDK, OpenAI, Anthropic and Gemini. */
  read?(response: Response): AnswerReading;
}

/** A model call begun by hand: answer it, or say that it failed. The first word stands. */
export type BegunDecision<Response> =
  | { recorded: true; response: Response }
  | { recorded: false; key: string; answer(response: Response): Promise<Response>; fail(error: unknown): Promise<never> };

/** Asked, called, answered: the call runs inside the step. */
export function decisionStep<Response>(name: string, asked: DecideRequest<Response>, call: () => Promise<Response> | Response): StepSpec {
  return decision(name, asked, (live, index) => {
    live.perform(async () => {
      const startedAt = performance.now();
      try {
        const response = await live.body(name, call);
        answered(live, index, asked, response, startedAt);
      } catch (error) {
        failed(live, index, error, startedAt);
      }
    });
  });
}

/** Asks by hand: resolves with the recorded answer, or once the question is committed. */
export function beginDecision<Response>(run: Run, name: string, asked: DecideRequest<Response>): Promise<BegunDecision<Response>> {
  const begun = new Promise<BegunDecision<Response>>((resolve, reject) => {
    const spec = decision(name, asked, (live, index) => {
      live.perform(
        () =>
          new Promise<void>((finished) => {
            const startedAt = performance.now();
            let isSaid = false;
            const end = <T>(say: () => void): Promise<T> => {
              if (!isSaid) say();
              isSaid = true;
              finished();
              return answer as Promise<unknown> as Promise<T>;
            };
            resolve({
              recorded: false,
              key: live.key,
              answer: (response) => end(() => answered(live, index, asked, response, startedAt)),
              fail: (error) => end(() => failed(live, index, error, startedAt)),
            });
          }),
      );
    });
    const answer = askStep<Response>(run, spec);
    answer.then((response) => resolve({ recorded: true, response }), reject);
  });
  begun.catch(() => {});
  return begun;
}

function decision<Response>(name: string, asked: DecideRequest<Response>, act: (live: LiveStep, index: number) => void): StepSpec {
  const request = keepArguments(`decision ${name}`, asked.request);
  return {
    kind: "decision",
    name,
    fingerprint: request.fingerprint,
    decides: true,
    begin: (live: LiveStep, recorded: StepHistory | null) => {
      const index = recorded?.ordinal ?? live.nextDecisionIndex();
      const attempt = (recorded?.attempts ?? 0) + 1;
      const payload = { key: live.key, index, name, model: asked.model, request: request.value, fingerprint: request.fingerprint, attempt };
      live.perform(async () => {
        await live.record({ happening: { kind: "decision", verb: "asked", payload } });
        act(live, index);
      });
    },
  };
}

function answered<Response>(live: LiveStep, index: number, asked: DecideRequest<Response>, response: Response, startedAt: number): void {
  const kept = storable(response);
  const reading = checkedReading(() => (asked.read ?? readUsage)(response));
  const common = { key: live.key, index, durationMs: Math.round(performance.now() - startedAt), ...reading };
  if (kept.ok) {
    live.give({ ok: true, value: kept.value }, [{ happening: { kind: "decision", verb: "answered", payload: { ...common, response: kept.value } } }]);
    return;
  }
  const notStorable = `the answer cannot be stored: ${kept.message}`;
  const outcome: Outcome = { ok: false, error: { name: "ResultNotStorable", message: notStorable, code: "result_not_storable" } };
  live.give(outcome, [{ happening: { kind: "decision", verb: "answered", payload: { ...common, response: null, notStorable } } }]);
}

/** A call that was aborted with its drive has not failed: its answer is lost, and the next driver asks again (D4). */
function failed(live: LiveStep, index: number, thrown: unknown, startedAt: number): void {
  if (live.signal.aborted) return;
  const error = toRecorded(thrown);
  const record: DriverRecord = {
    happening: { kind: "decision", verb: "failed", payload: { key: live.key, index, error, durationMs: Math.round(performance.now() - startedAt) } },
  };
  live.give({ ok: false, error }, [record]);
}
