import type { Happening, Semantics, Dispatch } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import { keyOf, type EffectRow, type RunRow } from "../../model/index.ts";
import { CONNECTOR, newIdOf, runsOf, type Context } from "./context.ts";

interface Tool {
  tool: string;
  semantics: Semantics;
  dispatch: Dispatch;
  compensator?: string;
}

const TOOLS: readonly Tool[] = [
  { tool: "wire", semantics: "IDEMPOTENT", dispatch: "INLINE", compensator: "unwire" },
  { tool: "pay", semantics: "NON_IDEMPOTENT", dispatch: "OUTBOX", compensator: "unpay" },
  { tool: "wire", semantics: "IDEMPOTENT", dispatch: "OUTBOX", compensator: "unwire" },
  { tool: "note", semantics: "IDEMPOTENT", dispatch: "INLINE" },
  { tool: "note", semantics: "NON_IDEMPOTENT", dispatch: "OUTBOX" },
  { tool: "look", semantics: "OBSERVE_ONLY", dispatch: "INLINE" },
];
const ERROR = { name: "BankClosed", message: "closed until Monday" };

export function stepKey(run: RunRow, name: string, place: number | string): string {
  return `${run.id}//d0/${name}/${place}`;
}

/** A step of a run that asks for a business key, before its intent. */
export function keyToReserve(context: Context): { connector: string; businessKey: string; runId: string; effectKey: string } | null {
  const run = context.picks.maybeOf(runsOf(context));
  if (!run) return null;
  return { connector: CONNECTOR, businessKey: context.picks.of(["invoice-1", "invoice-2"]), runId: run.id, effectKey: stepKey(run, "pay", `keyed${context.picks.below(2)}`) };
}

/** What a driver says of an effect. */
function says(effect: Pick<EffectRow, "id" | "key">, verb: string, payload: object = {}): Happening {
  return { kind: "effect", verb, payload: { effectId: effect.id, key: effect.key, ...payload } } as Happening;
}

export function intend(context: Context, run: RunRow, place: number): DriverRecord {
  const { picks, model } = context;
  const { tool, semantics, dispatch, compensator } = picks.of(TOOLS);
  const reserved = [...model.businessKeys.values()].filter((own) => own.runId === run.id && !model.effects.has(keyOf(run.id, own.effectKey)));
  const keyed = dispatch === "OUTBOX" && place === 0 ? reserved[0] : undefined;
  const id = newIdOf(context, "eff", place);
  const key = keyed?.effectKey ?? stepKey(run, tool, `${context.number}.${place}`);
  const asked = { tool, request: { to: "acme", n: picks.below(3) }, fingerprint: "f", semantics, dispatch, ...(keyed && { businessKey: keyed.businessKey }), ...(picks.isLucky(20) && { summary: "Wire 12 EUR" }) };
  return { happening: says({ id, key }, "intended", asked), ...(dispatch === "OUTBOX" && { connector: CONNECTOR }), ...(compensator !== undefined && { compensator }) };
}

/** How an inline effect goes on, as its driver says. */
export function goOn(context: Context, run: RunRow, effect: EffectRow, place: number): DriverRecord[] {
  const { picks } = context;
  switch (picks.below(6)) {
    case 0:
    case 1:
      return [confirmed(context, effect, place)];
    case 2:
      return [{ happening: says(effect, "failed", { by: "driver", error: ERROR, ...(picks.isLucky(20) && { reason: "cancelled" }) }) }];
    case 3:
      return [{ happening: says(effect, "unknown", { reason: "the line went dead", ...(picks.isLucky(50) && { error: ERROR }) }), checkable: !picks.isLucky(25) }];
    case 4:
      return [{ happening: says(effect, "resumed", { attempt: effect.attempts + 1 }) }];
    default:
      return [{ happening: says(effect, "attempt_failed", { attempt: effect.attempts, error: ERROR, retryInMs: 30_000 }) }, wakes(stepKey(run, "retry", `${context.number}.${place}`), 30_000, effect.key)];
  }
}

function confirmed(context: Context, effect: EffectRow, place: number): DriverRecord {
  const { picks } = context;
  const result = { ref: picks.below(2) };
  const happening = says(effect, "confirmed", {
    by: "driver",
    result,
    ...(picks.isLucky(20) && { externalRef: "bank-1" }),
    ...(picks.isLucky(20) && { summary: "Wired 12 EUR" }),
    ...(picks.isLucky(5) && { notStorable: "too large" }),
  });
  if (effect.compensator === null) return { happening };
  const payload = JSON.stringify({ input: { to: "acme" }, result });
  return { happening, obligation: { id: newIdOf(context, "obl", place), compensator: effect.compensator, payload, ...(picks.isLucky(30) && { summary: "Take 12 EUR back" }) } };
}

/** A timer that ends a sleep. */
export function wakes(timerId: string, inMs: number, key = timerId): DriverRecord {
  return { happening: { kind: "timer", verb: "armed", payload: { timerId, kind: "wake", key, fireAt: "" } }, due: { field: "fireAt", inMs } };
}

export function delivered(effect: EffectRow): DriverRecord {
  return { happening: says(effect, "delivered") };
}
