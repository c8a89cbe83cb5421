import { newId } from "@tape/core";
import type { NewObligation } from "@tape/store";
import { compensatorOf } from "../define/compensator.ts";
import type { EffectDefinition } from "../define/effect.ts";

/** What a confirmed effect owes if its run is ever compensated; undefined for a tool without compensator. */
export function obligationOf<Input, Result>(tool: EffectDefinition<Input, Result>, input: Input, result: Result | null): NewObligation | undefined {
  const compensator = compensatorOf(tool);
  if (!compensator) return undefined;
  const told = <T>(say: ((result: Result, input: Input) => T) | undefined): T | undefined => (result === null ? undefined : attempt(() => say?.(result, input)));
  const summary = told(compensator.summary);
  const amount = told(compensator.amount);
  return {
    id: newId("obl"),
    compensator: compensator.name,
    payload: JSON.stringify({ input, result, ...(amount !== undefined && { amount }) }),
    ...(summary !== undefined && { summary }),
  };
}

/** The tool author's words; one that throws is left out. */
function attempt<T>(say: () => T): T | undefined {
  try {
    return say();
  } catch {
    return undefined;
  }
}
