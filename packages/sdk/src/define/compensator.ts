import { CompensationFailed } from "../error/index.ts";
import type { Connector } from "./connector.ts";
import type { Compensator, EffectOptions } from "./effect.ts";
import { checkName } from "./name.ts";

/** A compensator under the name that obligations keep. */
export interface NamedCompensator<Input = unknown, Result = unknown> extends Compensator<Input, Result> {
  readonly name: string;
}

/** A tool, as far as undoing it goes. */
export interface Undoable<Input, Result> {
  readonly name: string;
  readonly options: Pick<EffectOptions<Input, Result>, "compensate">;
}

/** The inverse of a tool, as obligations will look for it; undefined for a tool without one. */
export function compensatorOf<Input, Result>({ name, options: { compensate } }: Undoable<Input, Result>): NamedCompensator<Input, Result> | undefined {
  if (!compensate) return undefined;
  if (typeof compensate === "function") return { name: `${name}/undo`, run: compensate };
  return { ...compensate, name: compensate.name === undefined ? `${name}/undo` : checkName("compensator", compensate.name) };
}

/** What a connector takes back for the tools that have no compensator of their own. */
export function compensatorOfConnector({ name, compensate }: Connector): NamedCompensator | undefined {
  if (!compensate) return undefined;
  return {
    name: `${name}/undo`,
    run: async (ctx, { input, result, externalRef = null, copy }) => {
      const answer = await compensate(ctx, { intent: input, result, externalRef: copy?.ref ?? externalRef });
      if (answer.status === "compensated") return answer.result;
      const reason = answer.error === undefined ? "it said nothing more" : answer.error instanceof Error ? answer.error.message : String(answer.error);
      if (answer.status === "failed") throw new CompensationFailed(`${name} cannot take it back: ${reason}`);
      throw new Error(`${name} could not take it back: ${reason}`);
    },
  };
}
