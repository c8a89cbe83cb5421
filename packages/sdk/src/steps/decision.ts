import type { StepHistory } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import { z } from "zod";
import { aFunction, checked } from "../given.ts";
import type { Grant } from "../drive/budget.ts";
import type { LiveStep, Outcome, StepSpec } from "../drive/step.ts";
import { toRecorded, type BudgetExceeded } from "../error/index.ts";
import { askStep } from "../drive/asking.ts";
import type { Run } from "../run.ts";
import { keepArguments } from "./arguments.ts";
import { askForMore, checkedEstimate, type Estimate } from "./budget.ts";
import { storable } from "./storable.ts";
import { checkedReading, readUsage, type AnswerReading } from "./usage.ts";

export interface DecideRequest<Response = unknown> {
  model: string;
  /** What the model is asked, as JSON: its fingerprint names the question. */
  request: unknown;
  /** What the answer says about its cost and reasons. Default: the shapes of the AI SDK, OpenAI, Anthropic and Gemini. */
  read?(response: Response): AnswerReading;
  /**
   * What it may cost: set aside in the run's budget before the model is called, and settled with what it did cost.
   * Default, for a run with a budget: what the last answer of the same name cost, else of the same model, else nothing.
   */
  estimate?: Estimate;
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
        answered(live, name, index, asked, response, startedAt);
      } catch (error) {
        failed(live, name, index, asked, error, startedAt);
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
              answer: (response) => end(() => answered(live, name, index, asked, response, startedAt)),
              fail: (error) => end(() => failed(live, name, index, asked, error, startedAt)),
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

const decideRequest = z.object({ model: z.string(), read: aFunction.optional(), estimate: z.object({}).optional() });

function decision<Response>(name: string, asked: DecideRequest<Response>, act: (live: LiveStep, index: number) => void, grant?: Grant): StepSpec {
  checked(`decision ${name}`, decideRequest, asked);
  const request = keepArguments(`decision ${name}`, asked.request);
  const estimate = checkedEstimate(name, asked.estimate);
  return {
    kind: "decision",
    name,
    fingerprint: request.fingerprint,
    decides: true,
    begin: (live: LiveStep, recorded: StepHistory | null) => {
      const index = recorded?.ordinal ?? live.nextDecisionIndex();
      const attempt = (recorded?.attempts ?? 0) + 1;
      const payload = { key: live.key, index, name, model: asked.model, request: request.value, fingerprint: request.fingerprint, attempt };
      const question: DriverRecord = { happening: { kind: "decision", verb: "asked", payload } };
      const admission = live.budget.admit({ key: live.key, name, model: asked.model, estimate }, grant);
      if (!admission.ok) return refused(live, index, admission.error, [question, admission.record]);
      live.perform(async () => {
        await live.record(...admission.records, question);
        act(live, index);
      });
    },
    // What a person lets through is asked once more, as a decision of its own.
    ...(!grant && { rescue: async (refusal, run, agent) => askStep(run, decision(name, asked, act, await askForMore(refusal, run, agent))) }),
  };
}

/** Over the budget: the model is not called, on no drive. */
function refused(live: LiveStep, index: number, exceeded: BudgetExceeded, records: DriverRecord[]): void {
  const error = toRecorded(exceeded);
  live.give({ ok: false, error }, [...records, { happening: { kind: "decision", verb: "failed", payload: { key: live.key, index, error, durationMs: 0 } } }]);
}

function answered<Response>(live: LiveStep, name: string, index: number, asked: DecideRequest<Response>, response: Response, startedAt: number): void {
  const kept = storable(response);
  const reading = checkedReading(() => (asked.read ?? readUsage)(response));
  const common = { key: live.key, index, durationMs: Math.round(performance.now() - startedAt), ...reading };
  const settled = live.budget.settle({ key: live.key, name, model: asked.model }, reading.usage);
  if (kept.ok) {
    live.give({ ok: true, value: kept.value }, [{ happening: { kind: "decision", verb: "answered", payload: { ...common, response: kept.value } } }, ...settled]);
    return;
  }
  const notStorable = `the answer cannot be stored: ${kept.message}`;
  const outcome: Outcome = { ok: false, error: { name: "ResultNotStorable", message: notStorable, code: "result_not_storable" } };
  live.give(outcome, [{ happening: { kind: "decision", verb: "answered", payload: { ...common, response: null, notStorable } } }, ...settled]);
}

/** A call that was aborted with its drive has not failed: its answer is lost, and the next driver asks again (D4). */
function failed(live: LiveStep, name: string, index: number, { model }: { model: string }, thrown: unknown, startedAt: number): void {
  if (live.signal.aborted) return;
  const error = toRecorded(thrown);
  const record: DriverRecord = {
    happening: { kind: "decision", verb: "failed", payload: { key: live.key, index, error, durationMs: Math.round(performance.now() - startedAt) } },
  };
  live.give({ ok: false, error }, [record, ...live.budget.settle({ key: live.key, name, model }, "failed")]);
}
