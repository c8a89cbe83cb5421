import { newId, risk as riskSchema, TapeError, type GateDecision, type StepHistory } from "@tape/core";
import { fingerprint } from "@tape/store";
import type { DriverRecord } from "@tape/store";
import type { GateDefinition, GateTool } from "../define/gate.ts";
import type { LiveStep, Outcome, StepSpec } from "../drive/step.ts";
import { fromRecorded, GateRejected, GateTimeout, toRecorded } from "../error/index.ts";
import { checked } from "../given.ts";
import { askStep, refused } from "../drive/asking.ts";
import type { Run } from "../run.ts";
import { keepArguments } from "./arguments.ts";

/** Asks people; those of the next gate when nobody decided in time and the gate says so. */
export function askGate<Payload>(run: Run, gate: GateDefinition<Payload>, given: Payload): Promise<GateDecision> {
  const { onTimeout } = gate.options;
  try {
    const payload = keepArguments(`gate ${gate.name}`, given).value as Payload;
    const asked = askStep<GateDecision>(run, gateStep(gate, payload));
    return typeof onTimeout === "function" ? escalated(run, asked, onTimeout, payload) : asked;
  } catch (error) {
    return refused(error);
  }
}

function escalated<Payload>(run: Run, asked: Promise<GateDecision>, next: GateTool<Payload>, payload: Payload): Promise<GateDecision> {
  const answer = asked.catch((error: unknown) => {
    if (error instanceof GateTimeout) return next(run, payload);
    throw error;
  });
  // A branch that nobody awaits any more may fail; that must not end the process.
  answer.catch(() => {});
  return answer;
}

/** What people are shown. The tool author's own code makes it: what it throws is told with its gate. */
function cardOf<Payload>({ name, options }: GateDefinition<Payload>, payload: Payload) {
  try {
    const level = typeof options.risk === "function" ? options.risk(payload) : options.risk;
    return { form: options.form ?? null, risk: checked("risk", riskSchema.optional(), level) ?? null, display: options.display?.(payload) ?? null };
  } catch (thrown) {
    const { name: kind, message } = toRecorded(thrown);
    throw new TapeError("invalid_input", `the card of gate ${name} could not be made: ${TapeError.is(thrown) ? message : `${kind}: ${message}`}`, undefined, { cause: thrown });
  }
}

function gateStep<Payload>(gate: GateDefinition<Payload>, payload: Payload): StepSpec {
  const { name, options } = gate;
  const card = cardOf(gate, payload);
  const shown = fingerprint({ name, payload, ...card });

  const open = (live: LiveStep, occurrence: number): DriverRecord[] => {
    const gateId = newId("gate");
    const { timeoutMs } = options;
    const opened: DriverRecord = {
      happening: {
        kind: "gate",
        verb: "opened",
        // The deadline is the database's: the commit writes it (D27).
        payload: { gateId, name, key: live.key, occurrence, payload, ...card, assignees: options.assignees ?? [], quorum: options.quorum ?? 1, fingerprint: shown, deadlineAt: null },
      },
      allowSelf: options.allowSelf ?? true,
      ...(timeoutMs !== undefined && { due: { field: "deadlineAt", inMs: timeoutMs } }),
    };
    await_(live, gateId);
    if (timeoutMs === undefined) return [opened];
    return [opened, { happening: { kind: "timer", verb: "armed", payload: { timerId: gateId, kind: "gate_timeout", fireAt: "" } }, due: { field: "fireAt", inMs: timeoutMs }, ref: gateId }];
  };

  const await_ = (live: LiveStep, gateId: string): void => {
    live.wait({ on: "gate", gateId, name }, (arrival) => {
      if (arrival.on === "gate") live.give({ ok: true, value: arrival.outcome }, [delivered(live, gateId)]);
    });
  };

  const delivered = (live: LiveStep, gateId: string): DriverRecord => ({
    happening: { kind: "gate", verb: "delivered", payload: { gateId, name, key: live.key } },
  });

  return {
    kind: "gate",
    name,
    fingerprint: shown,
    mayChange: (recorded) => recorded.kind === "gate" && recorded.name === name && recorded.givenSeq === null,
    begin: (live, recorded: StepHistory | null) => {
      const gateId = recorded?.ref;
      if (!recorded || !gateId) return void live.record(...open(live, live.nextOccurrence(name)));
      if (recorded.fingerprint !== shown) return void live.record(voided(gateId), ...open(live, recorded.ordinal));
      if (recorded.outcome) return live.give(recorded.outcome, [delivered(live, gateId)]);
      await_(live, gateId);
    },
    open: (outcome: Outcome) => {
      if (!outcome.ok) throw fromRecorded(outcome.error);
      const decision = outcome.value as GateDecision;
      if (decision.outcome === "timed_out" && options.onTimeout !== "return") throw new GateTimeout(name, decision);
      if (decision.outcome === "rejected" && options.onReject !== "return") throw new GateRejected(name, decision);
      if (decision.outcome === "cancelled") throw new TapeError("illegal_transition", `gate ${name} was cancelled`);
      return decision;
    },
  };

  /** What was shown, and perhaps approved, is not what would run: void, and asked again (D30). */
  function voided(gateId: string): DriverRecord {
    return { happening: { kind: "gate", verb: "cancelled", payload: { gateId, name, reason: "payload_changed" } } };
  }
}
