import { TapeError } from "@tape/core";
import type { GateTool } from "../define/gate.ts";
import { refused } from "../drive/asking.ts";
import type { Run } from "../run.ts";
import { keepArguments } from "./arguments.ts";

/**
 * A tool call that people approve first: its arguments are what they see (D30). They are kept when the call is made, so
 * that an object the code changes meanwhile is not what runs.
 */
export function askGated<Input, Result>(run: Run, tool: string, gate: GateTool<Input>, given: Input, ask: (input: Input, gateId: string) => Promise<Result>): Promise<Result> {
  try {
    const input = keepArguments(tool, given).value as Input;
    const answer = gate(run, input).then(({ gateId, outcome }) => {
      if (outcome === "approved") return ask(input, gateId);
      throw new TapeError("illegal_transition", `${tool} was not approved: ${gate.definition.name} is ${outcome}`, { gateId, outcome });
    });
    // A branch that nobody awaits any more may fail; that must not end the process.
    answer.catch(() => {});
    return answer;
  } catch (error) {
    return refused(error);
  }
}
