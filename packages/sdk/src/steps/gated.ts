import { TapeError } from "@tape/core";
import type { EffectDefinition } from "../define/effect.ts";
import type { GateTool } from "../define/gate.ts";
import { refused } from "../drive/asking.ts";
import type { Run } from "../run.ts";
import { keepArguments } from "./arguments.ts";
import { askEffect } from "./effect.ts";

/**
 * A tool call that people approve first: its arguments are what they see (D30). They are kept when the call is made, so
 * that an object the code changes meanwhile is not what runs.
 */
export function askGated<Input, Result>(run: Run, tool: EffectDefinition<Input, Result>, gate: GateTool<Input>, given: Input): Promise<Result> {
  try {
    const input = keepArguments(tool.name, given).value as Input;
    const answer = gate(run, input).then(({ gateId, outcome }) => {
      if (outcome === "approved") return askEffect(run, tool, input, gateId);
      throw new TapeError("illegal_transition", `${tool.name} was not approved: ${gate.definition.name} is ${outcome}`, { gateId, outcome });
    });
    // A branch that nobody awaits any more may fail; that must not end the process.
    answer.catch(() => {});
    return answer;
  } catch (error) {
    return refused(error);
  }
}
