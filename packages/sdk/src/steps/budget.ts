import { TapeError, type Amounts } from "@tape/core";
import type { AgentDefinition } from "../define/agent.ts";
import type { Grant } from "../drive/budget.ts";
import { BudgetExceeded, GateRejected, GateTimeout } from "../error/index.ts";
import type { Run } from "../run.ts";

/** What a decision's caller thinks it will cost: integer millionths of a US dollar, and tokens. */
export interface Estimate {
  costMicroUsd?: number;
  tokens?: number;
}

/** @throws {TapeError} `invalid_input` for what is no whole number, or below 0 */
export function checkedEstimate(name: string, estimate: Estimate | undefined): Partial<Amounts> | undefined {
  if (!estimate) return undefined;
  for (const [what, value] of Object.entries({ costMicroUsd: estimate.costMicroUsd, tokens: estimate.tokens })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0)) throw new TapeError("invalid_input", `decision ${name}: estimate.${what} is a whole number of at least 0`);
  }
  return { ...(estimate.costMicroUsd !== undefined && { microUsd: estimate.costMicroUsd }), ...(estimate.tokens !== undefined && { tokens: estimate.tokens }) };
}

/**
 * A decision was refused: asks the gate of the agent's budget, if it has one. Resolves with what a person granted.
 *
 * @throws what the decision was refused with, unless it is approved
 */
export async function askForMore(refusal: unknown, run: Run, { budget }: AgentDefinition): Promise<Grant> {
  const gate = budget?.onExceeded;
  // Of this run: a model call may have thrown another's.
  if (!gate || !(refusal instanceof BudgetExceeded) || !refusal.isOf(run.id)) throw refusal;
  const { cap, spent, asked } = refusal;
  const decision = await gate(run, { cap, spent, asked }).catch((error: unknown) => {
    throw error instanceof GateRejected || error instanceof GateTimeout ? refusal : error;
  });
  if (decision.outcome !== "approved") throw refusal;
  const { values } = decision;
  return { gateId: decision.gateId, by: decision.decidedBy ?? "somebody", added: { microUsd: more(values?.addMicroUsd), tokens: more(values?.addTokens) } };
}

/** A form's field is what its maker made it: a number, or the text of one. */
function more(field: unknown): number {
  const value = typeof field === "string" && field.trim() !== "" ? Number(field) : field;
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
