import { emptyBudget, noteCost, type Amounts, type BudgetHistory, type Usage } from "@tape/core";
import type { DriverRecord, Reading } from "@tape/store";
import { BudgetExceeded } from "../error/index.ts";

/** A model call that is about to be made. */
export interface Costed {
  key: string;
  name: string;
  model: string;
  /** What its caller thinks it costs. What is left out is what the last answer of this name cost, else of this model, else 0. */
  estimate?: Partial<Amounts> | undefined;
}

/** A person let one call through, and perhaps raised the caps. */
export interface Grant {
  gateId: string;
  by: string;
  added: Amounts;
}

const NOTHING: Amounts = { microUsd: 0, tokens: 0 };

/**
 * What a run may spend, as its driver knows it: the only writer, so it decides by itself (D42). What a decision may cost is
 * set aside under its key before its model is called, and settled with its answer. Each decision is charged once, however
 * often it is asked; one whose answer never came stays charged at its estimate. A run without caps sets aside only what
 * its code gives an estimate of.
 */
export class Budget {
  private cap: Partial<Amounts> = {};
  /** The caps are the agent's, and no entry says so yet. */
  private isUntold = false;
  /** Spent, and set aside. */
  private charged = NOTHING;
  private history: BudgetHistory = emptyBudget();

  /** From the run's row and its journal. `defaults`: the caps of a run that was started without any. */
  begin(row: Reading["budget"], history: BudgetHistory, defaults: { capMicroUsd?: number; capTokens?: number } | null): void {
    this.history = history;
    if (!row) return;
    this.charged = { microUsd: row.spentMicroUsd + row.reservedMicroUsd, tokens: row.spentTokens + row.reservedTokens };
    this.isUntold = row.capMicroUsd === null && row.capTokens === null && defaults !== null;
    const caps = this.isUntold && defaults ? defaults : row;
    this.cap = { ...(caps.capMicroUsd != null && { microUsd: caps.capMicroUsd }), ...(caps.capTokens != null && { tokens: caps.capTokens }) };
    this.isUntold &&= this.isCapped;
  }

  /** May its model be called? With the records that say so, to be committed with the question. */
  admit(costed: Costed, grant?: Grant): { ok: true; records: DriverRecord[] } | { ok: false; error: BudgetExceeded; record: DriverRecord } {
    const { key, name, estimate } = costed;
    if (this.history.reservations.has(key) || (!this.isCapped && !estimate)) return { ok: true, records: [] };
    const asked = this.estimate(costed);
    if (!grant && this.isOver(asked)) {
      const standing = { cap: this.cap, spent: this.charged };
      const details = { key, ...standing, asked: { decision: name, ...asked } };
      return { ok: false, error: BudgetExceeded.of(details), record: { happening: { kind: "budget", verb: "exceeded", payload: { key, ...standing, asked } } } };
    }
    const raised = grant ? [this.raise(key, grant)] : [];
    const cap = this.isUntold ? { cap: this.cap } : {};
    this.isUntold = false;
    this.history.reservations.set(key, asked);
    this.charged = plus(this.charged, asked);
    return { ok: true, records: [...raised, { happening: { kind: "budget", verb: "reserved", payload: { key, ...asked, ...cap } } }] };
  }

  /**
   * What an answer cost, or `failed`: there is none, and it costs nothing. An answer that does not say what it cost is
   * charged at its estimate.
   */
  settle({ key, name, model }: Costed, usage: Usage | "failed" | undefined): DriverRecord[] {
    const reservation = this.history.reservations.get(key);
    const cost = costOf(usage, reservation ?? NOTHING);
    if (usage && usage !== "failed") noteCost(this.history, { name, model }, cost);
    if (!reservation) return [];
    this.history.reservations.delete(key);
    this.charged = plus(this.charged, { microUsd: cost.microUsd - reservation.microUsd, tokens: cost.tokens - reservation.tokens });
    return [{ happening: { kind: "budget", verb: "settled", payload: { key, ...cost } }, reservation }];
  }

  private get isCapped(): boolean {
    return this.cap.microUsd !== undefined || this.cap.tokens !== undefined;
  }

  private estimate({ name, model, estimate }: Costed): Amounts {
    const last = this.history.byName.get(name) ?? this.history.byModel.get(model) ?? NOTHING;
    return { microUsd: estimate?.microUsd ?? last.microUsd, tokens: estimate?.tokens ?? last.tokens };
  }

  /** Nothing is left, or less than is asked for. A call of which nobody knows the cost may go over once. */
  private isOver(asked: Amounts): boolean {
    const isSpent = (what: keyof Amounts) => {
      const cap = this.cap[what];
      return cap !== undefined && (this.charged[what] >= cap || this.charged[what] + asked[what] > cap);
    };
    return isSpent("microUsd") || isSpent("tokens");
  }

  /** What is not capped needs no raising. */
  private raise(key: string, { gateId, by, added }: Grant): DriverRecord {
    const { microUsd, tokens } = this.cap;
    const more = { microUsd: microUsd === undefined ? 0 : added.microUsd, tokens: tokens === undefined ? 0 : added.tokens };
    this.cap = { ...(microUsd !== undefined && { microUsd: microUsd + more.microUsd }), ...(tokens !== undefined && { tokens: tokens + more.tokens }) };
    this.isUntold = false;
    return { happening: { kind: "budget", verb: "raised", payload: { key, gateId, by, added: more, cap: this.cap } } };
  }
}

function costOf(usage: Usage | "failed" | undefined, estimate: Amounts): Amounts {
  if (usage === "failed") return NOTHING;
  if (!usage) return estimate;
  return { microUsd: usage.costMicroUsd ?? estimate.microUsd, tokens: usage.inputTokens + usage.outputTokens };
}

function plus(one: Amounts, other: Amounts): Amounts {
  return { microUsd: one.microUsd + other.microUsd, tokens: one.tokens + other.tokens };
}
