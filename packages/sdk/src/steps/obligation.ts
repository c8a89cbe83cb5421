import { newId } from "@tape/core";
import type { NewObligation } from "@tape/store";
import { compensatorOf, type NamedCompensator, type Undoable } from "../define/compensator.ts";

/** What a confirmed effect owes if its run is ever compensated; undefined for a tool without compensator. */
export function obligationOf<Input, Result>(tool: Undoable<Input, Result>, input: Input, result: Result | null): NewObligation | undefined {
  const compensator = compensatorOf(tool);
  return compensator && obligationBy(compensator, { input, result });
}

/** The same, where it is known what takes it back. */
export function obligationBy<Input, Result>(
  compensator: NamedCompensator<Input, Result>,
  { input, result, externalRef, connector }: { input: Input; result: Result | null; externalRef?: string; connector?: string },
): NewObligation {
  const told = <T>(say: ((result: Result, input: Input) => T) | undefined): T | undefined => (result === null ? undefined : attempt(() => say?.(result, input)));
  const summary = told(compensator.summary);
  const amount = told(compensator.amount);
  return {
    id: newId("obl"),
    compensator: compensator.name,
    ...(connector !== undefined && { connector }),
    payload: JSON.stringify({ input, result, ...(externalRef !== undefined && { externalRef }), ...(amount !== undefined && { amount }) }),
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
