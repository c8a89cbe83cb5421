import { newId, type PendingRetry, type RecordedError, type StepHistory } from "@tape/core";
import type { DriverRecord, NewObligation } from "@tape/store";
import type { EffectContext, EffectDefinition, EffectOptions } from "../define/effect.ts";
import type { LateOutcome } from "../drive/journal.ts";
import type { LiveStep, StepSpec } from "../drive/step.ts";
import { AckLost, RunCancelled, toRecorded } from "../error/index.ts";
import { askStep, refused } from "../drive/asking.ts";
import type { Run } from "../run.ts";
import { keepArguments } from "./arguments.ts";
import { compensatorOf } from "../define/compensator.ts";
import { obligationOf } from "./obligation.ts";
import { LONGEST_HELD_MS, pause, retryDelayMs } from "./retry.ts";
import { storable } from "./storable.ts";

/** Asks a tool: intent, body, outcome. */
export function askEffect<Input, Result>(run: Run, tool: EffectDefinition<Input, Result>, input: Input, gateId?: string): Promise<Result> {
  try {
    return askStep<Result>(run, effectStep(tool, input, gateId));
  } catch (error) {
    return refused(error);
  }
}

function effectStep<Input, Result>(tool: EffectDefinition<Input, Result>, input: Input, gateId: string | undefined): StepSpec {
  const request = keepArguments(tool.name, input);
  const call = new Call(tool, request.value as Input, request.fingerprint, gateId);
  return {
    kind: "effect",
    name: tool.name,
    fingerprint: request.fingerprint,
    begin: (live, recorded) => call.begin(live, recorded),
  };
}

/** How a tool body ended. */
export type BodyEnd = { as: "confirmed"; result: unknown } | { as: "failed"; error: unknown; reason?: string } | { as: "unknown"; error: unknown; reason: string };

/** One effect of one drive. */
class Call<Input, Result> {
  private effectId: string = newId("eff");
  private attempts = 0;
  private externalRef: string | undefined;
  /** There was a try of which nobody knows what it did. */
  private mayHaveHappened = false;

  constructor(
    private readonly tool: EffectDefinition<Input, Result>,
    private readonly input: Input,
    private readonly fingerprint: string,
    /** The decision that let it run. */
    private readonly gateId: string | undefined,
  ) {}

  begin(live: LiveStep, recorded: StepHistory | null): void {
    if (recorded) {
      this.effectId = recorded.ref ?? this.effectId;
      this.attempts = recorded.attempts;
    }
    if (recorded?.outcome) return live.give(recorded.outcome, [this.record(live, "delivered", {})]);
    if (recorded?.status === "UNKNOWN") return this.awaitSettlement(live);
    if (recorded?.retry) return this.goOn(live, recorded.retry);
    live.perform(async () => {
      if (!recorded) {
        await live.commit(this.intent(live));
        return this.act(live, 1);
      }
      return this.actAgain(live, recorded.attempts + 1);
    });
  }

  private intent(live: LiveStep): DriverRecord {
    const { name, semantics } = this.tool;
    const summary = this.say();
    const payload = { tool: name, request: this.input, fingerprint: this.fingerprint, semantics, dispatch: "INLINE", ...(summary && { summary }), ...(this.gateId !== undefined && { gateId: this.gateId }) };
    const compensator = compensatorOf(this.tool)?.name;
    return { ...this.record(live, "intended", payload), ...(compensator !== undefined && { compensator }) };
  }

  /** Found PENDING by this drive, or put back by a person or the reconciler: asked for, else done again with its key (D5). */
  private async actAgain(live: LiveStep, attempt: number): Promise<void> {
    await live.record(this.record(live, "resumed", { attempt }));
    const { statusCheck } = this.tool.options;
    this.mayHaveHappened = true;
    if (!statusCheck) return this.act(live, attempt);
    const startedAt = performance.now();
    const context = { runId: live.runId, key: live.key, signal: live.signal, attempt };
    const seen = await live
      .body(this.tool.name, () => statusCheck(context, this.input))
      .catch((error: unknown) => ({ status: "inconclusive" as const, error }));
    // It is the tool author's own code: what it answers may be anything.
    switch (seen?.status) {
      case "absent":
        this.mayHaveHappened = false;
        return this.act(live, attempt);
      case "confirmed":
        this.externalRef = seen.externalRef;
        return this.confirm(live, seen.result, startedAt, "found by its status check");
      case "failed":
        return this.fail(live, toRecorded(new Error(seen.error)), startedAt, "found by its status check");
      case "inconclusive":
        return this.lose(live, "error" in seen ? seen.error : undefined, startedAt, "its status check could not tell");
      default:
        return this.lose(live, undefined, startedAt, "its status check answered something that is no status");
    }
  }

  private async act(live: LiveStep, first: number): Promise<void> {
    const startedAt = performance.now();
    // Cancelled between the intent and the act: nothing was done, unless an earlier driver did it.
    if (live.isDraining() && first === 1) return this.reportLate(live, { as: "failed", error: new RunCancelled(), reason: "cancelled" });
    if (live.isOver()) return;
    for (let attempt = first; ; attempt++) {
      const end = await this.once(live, attempt);
      if (live.isOver()) return this.reportLate(live, end);
      const delayMs = end.as === "failed" && end.reason === undefined ? retryDelayMs(this.tool.options.retry, { attempt, error: end.error, key: live.key }) : null;
      if (end.as !== "failed" || delayMs === null) return this.settle(live, end, startedAt);
      const failed = this.record(live, "attempt_failed", { attempt, error: toRecorded(end.error), retryInMs: delayMs });
      if (delayMs > LONGEST_HELD_MS) return this.park(live, failed, attempt, delayMs, end);
      await live.commit(failed);
      await pause(delayMs, live.signal);
      if (live.isDraining()) return this.reportLate(live, end);
      // Stopping or lost: the next driver goes on from here.
      if (live.signal.aborted) return;
    }
  }

  /** The run sleeps until the next try is due: no worker is held. */
  private async park(live: LiveStep, failed: DriverRecord, attempt: number, delayMs: number, end: BodyEnd): Promise<void> {
    const timerId = this.retryTimerOf(live, attempt);
    this.sleepUntil(live, timerId, live.now() + delayMs, () => live.perform(() => this.act(live, attempt + 1)));
    await Promise.all([live.commit(failed), live.commit(wakes(live, timerId, delayMs))]);
    if (live.isDraining()) this.reportLate(live, end);
  }

  /**
   * An earlier drive ended after this try had failed and before the next one had an outcome: what is left of its delay, by
   * the database's clock, is waited for, and then it is done again like anything else that is found PENDING.
   */
  private goOn(live: LiveStep, { attempt, error, dueAt, timerId }: PendingRetry): void {
    const inMs = Date.parse(dueAt) - live.now();
    if (inMs > LONGEST_HELD_MS) {
      const wakesAt = timerId ?? this.retryTimerOf(live, attempt);
      this.sleepUntil(live, wakesAt, Date.parse(dueAt), () => live.perform(() => this.actAgain(live, attempt + 1)));
      if (timerId === null) void live.record(wakes(live, wakesAt, inMs));
      return;
    }
    live.perform(async () => {
      await pause(inMs, live.signal);
      // The next try may have been begun when it was due, by the drive before.
      if (live.isDraining() && inMs <= 0) return;
      if (live.isDraining()) return live.reportLate(this.effectId, { status: "failed", error });
      if (live.signal.aborted) return;
      await this.actAgain(live, attempt + 1);
    });
  }

  private sleepUntil(live: LiveStep, timerId: string, until: number, arrived: () => void): void {
    const retries = { effectId: this.effectId, tool: this.tool.name };
    live.wait({ on: "sleep", timerId, until: new Date(until).toISOString(), retries }, arrived);
  }

  private retryTimerOf(live: LiveStep, attempt: number): string {
    return `${live.key}/retry/${attempt}`;
  }

  private async once(live: LiveStep, attempt: number): Promise<BodyEnd> {
    this.attempts = attempt;
    const context: EffectContext = {
      runId: live.runId,
      key: live.key,
      signal: live.signal,
      attempt,
      heartbeat: () => live.heartbeat(),
      isCancelled: () => live.isCancelled(),
      setExternalRef: (ref) => {
        this.externalRef = ref;
      },
    };
    const beating = beat(live, this.tool.options);
    try {
      const result = await live.body(this.tool.name, () => this.tool.body(context, this.input));
      return { as: "confirmed", result };
    } catch (error) {
      const isReading = this.tool.semantics === "OBSERVE_ONLY";
      return endOf(error, { aborted: live.signal.aborted && !isReading, before: this.mayHaveHappened && !isReading });
    } finally {
      clearInterval(beating);
    }
  }

  private settle(live: LiveStep, end: BodyEnd, startedAt: number): Promise<void> | void {
    if (end.as === "confirmed") return this.confirm(live, end.result, startedAt);
    if (end.as === "failed") return this.fail(live, toRecorded(end.error), startedAt, end.reason);
    return this.lose(live, end.error, startedAt, end.reason);
  }

  private confirm(live: LiveStep, result: unknown, startedAt: number, reason?: string): void {
    const kept = this.keep(result);
    const payload = { by: "driver", ...kept.payload, ...(reason && { reason }), durationMs: elapsed(startedAt) };
    const obligation = kept.obligation;
    live.give(kept.outcome, [{ ...this.record(live, "confirmed", payload), ...(obligation && { obligation }) }]);
  }

  private fail(live: LiveStep, error: RecordedError, startedAt: number, reason?: string): void {
    live.give({ ok: false, error }, [this.record(live, "failed", { by: "driver", error, ...(reason && { reason }), durationMs: elapsed(startedAt) })]);
  }

  private async lose(live: LiveStep, error: unknown, startedAt: number, reason: string): Promise<void> {
    const payload = { ...(error !== undefined && { error: toRecorded(error) }), reason, durationMs: elapsed(startedAt) };
    const said = live.record({ ...this.record(live, "unknown", payload), checkable: this.checkable });
    // Before its answer: that it is to be done again may be read before.
    this.awaitSettlement(live, said);
    await said;
  }

  /** May a reactor settle it if its acknowledgement is lost? */
  private get checkable(): boolean {
    return this.tool.options.statusCheck !== undefined || this.tool.semantics === "IDEMPOTENT";
  }

  private awaitSettlement(live: LiveStep, said: Promise<void> = Promise.resolve()): void {
    live.wait({ on: "effect", effectId: this.effectId, tool: this.tool.name }, (arrival) => {
      if (arrival.on === "effect") live.give(arrival.outcome, [this.record(live, "delivered", {})]);
      if (arrival.on === "effect_retry") live.perform(() => said.then(() => this.actAgain(live, this.attempts + 1)));
    });
  }

  /** The drive commits no more, but money may have moved (D12). */
  private reportLate(live: LiveStep, end: BodyEnd): void {
    if (end.as !== "confirmed") return live.reportLate(this.effectId, lateEnd(end, this.checkable));
    const { payload, obligation } = this.keep(end.result);
    live.reportLate(this.effectId, { status: "confirmed", ...payload, ...(obligation && { obligation }) });
  }

  /** A result as it is stored, or why it cannot be: the effect is CONFIRMED either way (D20). */
  private keep(result: unknown) {
    const kept = storable(result);
    const summary = this.say(kept.ok ? (kept.value as Result) : undefined);
    const extras = { ...(summary && { summary }), ...(this.externalRef !== undefined && { externalRef: this.externalRef }) };
    const obligation: NewObligation | undefined = obligationOf(this.tool, this.input, kept.ok ? (kept.value as Result) : null);
    if (kept.ok) return { payload: { result: kept.value, ...extras }, outcome: { ok: true as const, value: kept.value }, obligation };
    const notStorable = `the result of ${this.tool.name} cannot be stored: ${kept.message}`;
    const error = { name: "ResultNotStorable", message: notStorable, code: "result_not_storable" };
    return { payload: { result: null, notStorable, ...extras }, outcome: { ok: false as const, error }, obligation };
  }

  /** The tool's own sentence; one that throws is left out. */
  private say(result?: Result): string | undefined {
    try {
      return this.tool.options.summary?.(this.input, result);
    } catch {
      return undefined;
    }
  }

  private record<V extends string>(live: LiveStep, verb: V, payload: object): DriverRecord {
    return { happening: { kind: "effect", verb, payload: { effectId: this.effectId, key: live.key, ...payload } } as DriverRecord["happening"] };
  }
}

/** The timer of the delay before the next try: of the step's key, as a sleep's is. */
function wakes({ key }: LiveStep, timerId: string, inMs: number): DriverRecord {
  return { happening: { kind: "timer", verb: "armed", payload: { timerId, kind: "wake", key, fireAt: "" } }, due: { field: "fireAt", inMs } };
}

/**
 * What a thrown error says about the act (D13): an abort may have come after the counterparty took it.
 *
 * @param before There was a try of which nobody knows what it did. `RunCancelled` says that this one did nothing, and of that one it knows nothing.
 */
export function endOf(error: unknown, { aborted, before }: { aborted: boolean; before: boolean }): BodyEnd {
  if (error instanceof AckLost) return { as: "unknown", error, reason: "the acknowledgement was lost" };
  if (error instanceof RunCancelled && before) return { as: "unknown", error, reason: "it was cancelled, and an earlier try may have happened" };
  if (error instanceof RunCancelled) return { as: "failed", error, reason: "cancelled" };
  if (aborted) return { as: "unknown", error, reason: "it was aborted on its way" };
  return { as: "failed", error };
}

/** How a body that confirmed nothing ended, as it is said when its drive commits no more. */
export function lateEnd(end: Exclude<BodyEnd, { as: "confirmed" }>, checkable: boolean): LateOutcome["outcome"] {
  const { reason } = end;
  if (end.as === "failed") return { status: "failed", error: toRecorded(end.error), ...(reason !== undefined && { reason }) };
  return { status: "unknown", reason: end.reason, ...(end.error !== undefined && { error: toRecorded(end.error) }), checkable };
}

/** `autoHeartbeat`: the body is taken for alive as long as it may run, and no longer. */
function beat(live: LiveStep, { autoHeartbeat, maxRuntimeMs = 0 }: Pick<EffectOptions<never, never>, "autoHeartbeat" | "maxRuntimeMs">): NodeJS.Timeout | undefined {
  if (!autoHeartbeat) return undefined;
  const untilMs = performance.now() + maxRuntimeMs;
  const timer = setInterval(() => {
    if (performance.now() >= untilMs) clearInterval(timer);
    // A lease that is lost is told by the signal.
    else live.heartbeat().catch(() => {});
  }, live.ttlMs / 4);
  return timer.unref();
}

function elapsed(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
