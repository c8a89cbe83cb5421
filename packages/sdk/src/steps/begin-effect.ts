import { newId, type Semantics } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import { z } from "zod";
import { aFunction, checked } from "../given.ts";
import type { EffectOptions } from "../define/effect.ts";
import type { StepSpec } from "../drive/step.ts";
import { toRecorded } from "../error/index.ts";
import { askStep } from "../drive/asking.ts";
import type { Run } from "../run.ts";
import { keepArguments } from "./arguments.ts";
import { endOf, lateEnd, type BodyEnd } from "./effect.ts";
import { storable } from "./storable.ts";

/**
 * A tool call begun by hand: say how it ended. The first word stands. `attempt` above 1: an earlier driver may have
 * performed it.
 */
export type BegunEffect<Result> =
  | { recorded: true; result: Result }
  | { recorded: false; key: string; attempt: number; signal: AbortSignal; confirm(result: Result): Promise<Result>; fail(error: unknown): Promise<never> };

/** NON_IDEMPOTENT needs an outbox tool: a crash between the act and its record could not be told apart from one before it. */
const begunOptions = z.object({ semantics: z.enum(["IDEMPOTENT", "OBSERVE_ONLY"], "IDEMPOTENT or OBSERVE_ONLY; NON_IDEMPOTENT needs an outbox tool").optional(), summary: aFunction.optional() });

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
  const begun = new Promise<BegunEffect<Result>>((resolve, reject) => {
    checked(`effect ${name}`, begunOptions, options);
    const request = keepArguments(name, input);
    const semantics: Semantics = options.semantics ?? "IDEMPOTENT";
    const spec: StepSpec = {
      kind: "effect",
      name,
      fingerprint: request.fingerprint,
      begin: (live, recorded) => {
        const effectId = recorded?.ref ?? newId("eff");
        let attempt = recorded?.attempts ?? 0;
        /** The code was told that it is to perform: it cannot be told again. */
        let isTold = false;

        const say = (verb: string, payload: object): DriverRecord => ({
          happening: { kind: "effect", verb, payload: { effectId, key: live.key, ...payload } } as DriverRecord["happening"],
        });
        const wait = () =>
          live.wait({ on: "effect", effectId, tool: name }, (arrival) => {
            if (arrival.on === "effect") live.give(arrival.outcome, [say("delivered", {})]);
            if (arrival.on === "effect_retry" && isTold) live.again();
            else if (arrival.on === "effect_retry") live.perform(perform);
          });

        const perform = async (): Promise<void> => {
          attempt += 1;
          const intent = { tool: name, request: request.value, fingerprint: request.fingerprint, semantics, dispatch: "INLINE" };
          await live.record(attempt === 1 ? say("intended", intent) : say("resumed", { attempt }));
          const end = await live.hold(told());
          if (end.as !== "unknown" || live.isOver()) return;
          const said = live.record({ ...say("unknown", { error: toRecorded(end.error), reason: end.reason }), checkable: semantics === "IDEMPOTENT" });
          // Before its answer: that it is to be done again may be read before.
          wait();
          await said;
        };

        /** Resolves with the first word on how it ended, which is recorded in the turn in which it is said. */
        const told = () =>
          new Promise<BodyEnd>((ended) => {
            let isSaid = false;
            const end = (how: BodyEnd): Promise<never> => {
              if (!isSaid) conclude(how);
              isSaid = true;
              ended(how);
              return answer as Promise<never>;
            };
            isTold = true;
            const { key, signal } = live;
            resolve({
              recorded: false, key, signal, attempt,
              confirm: (result) => end({ as: "confirmed", result }),
              fail: (error) => end(endOf(error, { aborted: signal.aborted, before: attempt > 1 && semantics !== "OBSERVE_ONLY" })),
            });
          });

        const conclude = (end: BodyEnd): void => {
          if (live.isOver()) return reportLate(end);
          if (end.as === "confirmed") return confirm(end.result);
          if (end.as === "failed") live.give({ ok: false, error: toRecorded(end.error) }, [say("failed", { by: "driver", error: toRecorded(end.error) })]);
        };

        const confirm = (result: unknown): void => {
          const payload = keep(result);
          const outcome =
            payload.notStorable === undefined
              ? ({ ok: true, value: payload.result } as const)
              : ({ ok: false, error: { name: "ResultNotStorable", message: payload.notStorable, code: "result_not_storable" } } as const);
          live.give(outcome, [say("confirmed", { by: "driver", ...payload })]);
        };

        /** The drive commits no more, but money may have moved (D12). */
        const reportLate = (end: BodyEnd): void => {
          live.reportLate(effectId, end.as === "confirmed" ? { status: "confirmed", ...keep(end.result) } : lateEnd(end, semantics === "IDEMPOTENT"));
        };

        if (recorded?.outcome) return live.give(recorded.outcome, [say("delivered", {})]);
        if (recorded?.status === "UNKNOWN") return wait();
        live.perform(perform);
      },
    };

    /** A result as it is stored, or why it cannot be: the effect is CONFIRMED either way (D20). */
    const keep = (result: unknown): { result: unknown; notStorable?: string; summary?: string } => {
      const kept = storable(result);
      const summary = sentence(kept.ok ? (kept.value as Result) : undefined);
      if (kept.ok) return { result: kept.value, ...(summary && { summary }) };
      return { result: null, notStorable: `the result of ${name} cannot be stored: ${kept.message}`, ...(summary && { summary }) };
    };

    /** The tool's own sentence; one that throws is left out. */
    const sentence = (result: Result | undefined): string | undefined => {
      try {
        return options.summary?.(input, result);
      } catch {
        return undefined;
      }
    };

    const answer = askStep<Result>(run, spec);
    answer.then((result) => resolve({ recorded: true, result }), reject);
  });
  begun.catch(() => {});
  return begun;
}
