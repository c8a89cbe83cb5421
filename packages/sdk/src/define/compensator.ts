import type { Compensator, EffectDefinition } from "./effect.ts";

/** A compensator under the name that obligations keep. */
export interface NamedCompensator<Input = unknown, Result = unknown> extends Compensator<Input, Result> {
  readonly name: string;
}

/** The inverse of a tool, as obligations will look for it; undefined for a tool without one. */
export function compensatorOf<Input, Result>({ name, options: { compensate } }: EffectDefinition<Input, Result>): NamedCompensator<Input, Result> | undefined {
  if (!compensate) return undefined;
  if (typeof compensate === "function") return { name: `${name}/undo`, run: compensate };
  return { ...compensate, name: compensate.name ?? `${name}/undo` };
}
