import { newId } from "@tape/core";
import type { NewObligation } from "@tape/store";
import type { EffectDefinition } from "../define/effect.ts";

/** The name under which a tool's inverse is known; undefined for a tool without one. */
export function compensatorOf<Input, Result>({ name, options: { compensate } }: EffectDefinition<Input, Result>): string | undefined {
  if (!compensate) return undefined;
  return (typeof compensate === "function" ? undefined : compensate.name) ?? `${name}/undo`;
}

/** What a confirmed effect owes if its run is ever compensated; undefined for a tool without compensator. */
export function obligationOf<Input, Result>(tool: EffectDefinition<Input, Result>, input: Input, result: Result | null): NewObligation | undefined {
  const { compensate } = tool.options;
  const compensator = compensatorOf(tool);
  if (compensator === undefined) return undefined;
  const summary = result === null || typeof compensate === "function" ? undefined : sentence(() => compensate?.summary?.(result, input));
  return {
    id: newId("obl"),
    compensator,
    payload: JSON.stringify({ input, result }),
    ...(summary !== undefined && { summary }),
  };
}

function sentence(say: () => string | undefined): string | undefined {
  try {
    return say();
  } catch {
    return undefined;
  }
}
