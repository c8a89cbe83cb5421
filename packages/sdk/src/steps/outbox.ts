import { newId, TapeError, type StepHistory } from "@tape/core";
import { reserveBusinessKey, type DriverRecord } from "@tape/store";
import type { Behind, OutboxDefinition } from "../define/outbox.ts";
import { askStep, refused } from "../drive/asking.ts";
import type { LiveStep, StepSpec } from "../drive/step.ts";
import { BusinessKeyTaken, toRecorded } from "../error/index.ts";
import { giveRefusal, isRefusal } from "../operations/refusal.ts";
import { patiently } from "../operations/step.ts";
import type { Run } from "../run.ts";
import { keepArguments } from "./arguments.ts";

export interface OutboxCall<Input, Intent, Result> {
  tool: OutboxDefinition<Input, Intent, Result>;
  behind: Behind;
  input: Input;
  /** The decision that let it run. */
  gateId: string | undefined;
}

/** Asks an outbox tool: intent, then the outcome that somebody else brings. */
export function askOutbox<Input, Intent, Result>(run: Run, call: OutboxCall<Input, Intent, Result>): Promise<Result> {
  try {
    const { name } = call.tool;
    const kept = keepArguments(name, call.input);
    const sending = new Sending({ ...call, input: kept.value as Input }, kept.fingerprint);
    const spec: StepSpec = {
      kind: "effect",
      name,
      fingerprint: kept.fingerprint,
      mayChange: (recorded) => isRefusal(recorded, { name, fingerprint: kept.fingerprint }),
      begin: (live, recorded) => sending.begin(live, recorded),
    };
    return askStep<Result>(run, spec);
  } catch (error) {
    return refused(error);
  }
}

/** One effect of the outbox, in one drive. */
class Sending<Input, Intent, Result> {
  private effectId: string = newId("eff");

  constructor(
    private readonly call: OutboxCall<Input, Intent, Result>,
    private readonly fingerprint: string,
  ) {}

  begin(live: LiveStep, recorded: StepHistory | null): void {
    if (!recorded) return live.perform(() => this.intend(live));
    this.effectId = recorded.ref ?? this.effectId;
    if (recorded.outcome) return live.give(recorded.outcome, [this.delivered(live)]);
    this.awaitOutcome(live);
  }

  private async intend(live: LiveStep): Promise<void> {
    const { tool, behind } = this.call;
    try {
      const { intent, businessKey } = await this.make(live);
      // What the code goes by is committed before a key is taken for it, and a driver that may not write any more takes none.
      if (businessKey !== undefined) {
        await live.record();
        await patiently(live.signal, async () => reserveBusinessKey(await behind.store(), { connector: tool.connector, businessKey, runId: live.runId, effectKey: live.key }));
      }
      // Before the commit: the outcome may be read before the commit's own answer.
      if (tool.waitsForResult) this.awaitOutcome(live);
      await live.commit(this.intended(live, intent, businessKey));
    } catch (error) {
      return giveRefusal(live, { name: tool.name, fingerprint: this.fingerprint }, taken(error));
    }
    // A hint: without it the outbox finds the effect by polling.
    behind.store().then(({ hints }) => hints.publish([{ on: "reactors" }]), () => {});
    if (!tool.waitsForResult && !live.isOver()) live.give({ ok: true, value: { effectId: this.effectId } }, [this.delivered(live)]);
  }

  /** The tool author's own code: what it throws is the answer, on every drive. */
  private async make(live: LiveStep): Promise<{ intent: Intent; businessKey: string | undefined }> {
    const { tool, input } = this.call;
    try {
      return await live.body(tool.name, async () => ({
        intent: keepArguments(tool.name, await tool.body(input)).value as Intent,
        businessKey: tool.options.businessKey?.(input),
      }));
    } catch (thrown) {
      if (TapeError.is(thrown)) throw thrown;
      const { name, message } = toRecorded(thrown);
      throw new TapeError("invalid_input", `the intent of ${tool.name} could not be made: ${name}: ${message}`, undefined, { cause: thrown });
    }
  }

  private intended(live: LiveStep, request: Intent, businessKey: string | undefined): DriverRecord {
    const { tool, gateId } = this.call;
    const summary = this.say(request);
    const payload = {
      effectId: this.effectId,
      key: live.key,
      tool: tool.name,
      request,
      fingerprint: this.fingerprint,
      semantics: tool.semantics,
      dispatch: "OUTBOX" as const,
      ...(businessKey !== undefined && { businessKey }),
      ...(summary && { summary }),
      ...(gateId !== undefined && { gateId }),
      ...(!tool.waitsForResult && { detached: true }),
    };
    const compensator = tool.compensator()?.name;
    return { happening: { kind: "effect", verb: "intended", payload }, connector: tool.connector, ...(compensator !== undefined && { compensator }) };
  }

  private awaitOutcome(live: LiveStep): void {
    live.wait({ on: "effect", effectId: this.effectId, tool: this.call.tool.name, dispatch: "OUTBOX" }, (arrival) => {
      if (arrival.on === "effect") live.give(arrival.outcome, [this.delivered(live)]);
      // Sent again, by its worker.
      if (arrival.on === "effect_retry") this.awaitOutcome(live);
    });
  }

  private delivered(live: LiveStep): DriverRecord {
    return { happening: { kind: "effect", verb: "delivered", payload: { effectId: this.effectId, key: live.key } } };
  }

  /** The tool's own sentence; one that throws is left out. */
  private say(intent: Intent): string | undefined {
    try {
      return this.call.tool.options.summary?.(intent);
    } catch {
      return undefined;
    }
  }
}

function taken(error: unknown): unknown {
  return TapeError.is(error, "business_key_taken") ? new BusinessKeyTaken(error) : error;
}
