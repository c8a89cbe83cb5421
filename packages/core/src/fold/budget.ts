import type { Amounts, Entry } from "../entry/index.ts";

/** What a journal says about a run's budget: what decisions have set aside, and what the last ones cost. */
export interface BudgetHistory {
  /** What each decision set aside and did not settle yet, by its key. */
  reservations: Map<string, Amounts>;
  /** What the last answer to a decision of this name cost. */
  byName: Map<string, Amounts>;
  /** The same, of this model. */
  byModel: Map<string, Amounts>;
  /** Decisions that wait for their answer. */
  asked: Map<string, { name: string; model: string }>;
}

export function emptyBudget(): BudgetHistory {
  return { reservations: new Map(), byName: new Map(), byModel: new Map(), asked: new Map() };
}

export function foldBudget(history: BudgetHistory, entry: Extract<Entry, { kind: "budget" | "decision" }>): void {
  const { key } = entry.payload;
  switch (entry.verb) {
    case "reserved":
      history.reservations.set(key, { microUsd: entry.payload.microUsd, tokens: entry.payload.tokens });
      return;
    case "settled":
      history.reservations.delete(key);
      return;
    case "asked":
      history.asked.set(key, { name: entry.payload.name, model: entry.payload.model });
      return;
    case "answered": {
      const asked = history.asked.get(key);
      const { usage } = entry.payload;
      history.asked.delete(key);
      if (asked && usage) noteCost(history, asked, { microUsd: usage.costMicroUsd ?? 0, tokens: usage.inputTokens + usage.outputTokens });
      return;
    }
    case "failed":
      history.asked.delete(key);
      return;
    case "exceeded":
    case "raised":
      return;
  }
}

export function noteCost(history: Pick<BudgetHistory, "byName" | "byModel">, asked: { name: string; model: string }, cost: Amounts): void {
  history.byName.set(asked.name, cost);
  history.byModel.set(asked.model, cost);
}
