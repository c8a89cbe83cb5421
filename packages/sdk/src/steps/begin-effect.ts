import { newId, type Semantics } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import type { EffectOptions } from "../define/effect.ts";
import type { LiveStep, StepSpec } from "../drive/step.ts";
import { toRecorded } from "../error/index.ts";
import { askStep } from "../drive/asking.ts";
import type { Run } from "../run.ts";
import { keepArguments } from "./arguments.ts";
import { endOf } from "./effect.ts";
import { storable } from "./storable.ts";

/** A tool call begun by hand: say how it ended, once. `attempt` above 1: an earlier driver may have performed it. */
export type BegunEffect<Result> =
  | { recorded: true; result: Result }
  | { recorded: false; key: string; attempt: number; signal: AbortSignal; confirm(result: Result): Promise<Result>; fail(error: unknown): Promise<never> };

/**
 * Begins a tool call whose body is somebody else's (a framework's). Resolves with the recorded result, or once the
 * intent is committed; the run is neither parked nor ended until `confirm` or `fail` is called.
 */
export function beginEffect<Result>(
  run: Run,
  name: string,
  input: unknown,
  options: Pick<EffectOptions<unknown, Result>, "semantics" | "summary">,
): Promise<BegunEffect<Result>> {
  return new Promise((resolve, reject) => {
    const request = keepArguments(name, input);
    const semantics: Semantics = options.semantics ?? "IDEMPOTENT";
    const spec: StepSpec = {
      kind: "effect",
      name,
      fingerprint: request.fingerprint,
      begin: (live, recorded) => {
        const effectId = recorded?.ref ?? newId("eff");
        const say = (verb: string, payload: object): DriverRecord => ({
          happening: { kind: "effect", verb, payload: { effectId, key: live.key, ...payload } } as DriverRecord["happening"],
        });
        const wait = () =>
          live.wait({ on: "effect", effectId, tool: name }, (arrival) => {
            if (arrival.on === "effect") live.give(arrival.outcome, [say("delivered", {})]);
            if (arrival.on === "effect_retry") live.perform(() => begun(live, 2));
          });
        const begun = async (step: LiveStep, attempt: number): Promise<void> => {
          const intent = { tool: name, request: request.value, fingerprint: request.fingerprint, semantics, dispatch: "INLINE" };
          await step.record(attempt === 1 ? say("intended", intent) : say("resumed", { attempt }));
          const { promise: over, resolve: finish } = deferred();
          const end = async (ended: ReturnType<typeof endOf>): Promise<never> => {
            if (ended.as === "confirmed") confirm(ended.result);
            else if (ended.as === "failed") step.give({ ok: false, error: toRecorded(ended.error) }, [say("failed", { by: "driver", error: toRecorded(ended.error) })]);
            else {
              await step.record({ ...say("unknown", { error: toRecorded(ended.error), reason: ended.reason }), checkable: semantics === "IDEMPOTENT" });
              wait();
            }
            finish();
            return answer as Promise<never>;
          };
          const confirm = (result: unknown) => {
            const kept = storable(result);
            const notStorable = kept.ok ? undefined : `the result of ${name} cannot be stored: ${kept.message}`;
            const summary = options.summary?.(input, kept.ok ? (kept.value as Result) : undefined);
            const record = say("confirmed", { by: "driver", result: kept.ok ? kept.value : null, ...(notStorable && { notStorable }), ...(summary && { summary }) });
            if (kept.ok) step.give({ ok: true, value: kept.value }, [record]);
            else step.give({ ok: false, error: { name: "ResultNotStorable", message: notStorable ?? "", code: "result_not_storable" } }, [record]);
          };
          resolve({
            recorded: false,
            key: step.key,
            attempt,
            signal: step.signal,
            confirm: (result) => end({ as: "confirmed", result }) as Promise<Result>,
            fail: (error) => end(endOf(error, step.signal.aborted)),
          });
          return over;
        };
        if (recorded?.outcome) return live.give(recorded.outcome, [say("delivered", {})]);
        if (recorded?.status === "UNKNOWN") return wait();
        live.perform(() => begun(live, recorded ? recorded.attempts + 1 : 1));
      },
    };
    const answer = askStep<Result>(run, spec);
    answer.then((result) => resolve({ recorded: true, result }), reject);
  });
}

function deferred(): { promise: Promise<void>; resolve(): void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
