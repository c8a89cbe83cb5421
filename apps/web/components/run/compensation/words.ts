import { count, formatMoney, grouped, sumMoney, type CompensationItem, type CompensationPlan, type Obligation, type StateWords, OBLIGATION_WORDS } from "@tape/core";

/** Is it still to be undone? */
export const isOwed = ({ status }: Pick<Obligation, "status">): boolean => status !== "COMPENSATED" && status !== "WAIVED";

export interface Standing {
  /** What is still to be undone. */
  owed: readonly CompensationItem[];
  undone: number;
  waived: number;
  stuck: readonly CompensationItem[];
}

export function standingOf(items: readonly CompensationItem[]): Standing {
  const having = (status: Obligation["status"]) => items.filter(({ obligation }) => obligation.status === status);
  return { owed: items.filter(({ obligation }) => isOwed(obligation)), undone: having("COMPENSATED").length, waived: having("WAIVED").length, stuck: having("STUCK") };
}

/** Exact sums of what moves back, one a currency: `["42,100.00 EUR", "1,200 JPY"]`. */
export function sumsOf(items: readonly CompensationItem[]): string[] {
  return sumMoney(items.flatMap(({ obligation }) => (obligation.amount === null ? [] : [obligation.amount]))).map(formatMoney);
}

/** `3 effects, 42,100.00 EUR`: what the button and its dialog name. */
export function sayOwed(items: readonly CompensationItem[]): string {
  return [count(items.length, "effect"), ...sumsOf(items)].join(", ");
}

/** `3 × wire, 42,100.00 EUR`: what was done, as the pointer below a cancellation names it. */
export function sayDone(items: readonly CompensationItem[]): string {
  const times = new Map<string, number>();
  for (const { effect } of items) times.set(effect.tool, (times.get(effect.tool) ?? 0) + 1);
  const tools = times.size > 2 ? count(items.length, "effect") : [...times].map(([tool, n]) => `${grouped(String(n))}\u00a0×\u00a0${tool}`).join(" and ");
  return [tools, ...sumsOf(items)].join(", ");
}

/** `2 of 3 undone`, `2 of 3 undone, 1 waived`. */
export function sayProgress(standing: Standing, total: number): string {
  return `${grouped(String(standing.undone))} of ${grouped(String(total))} ${sayWalk(standing)}`;
}

/** What follows the figures of a walk: `undone`, `undone, 1 waived`. */
export function sayWalk({ waived }: Standing): string {
  return `undone${waived === 0 ? "" : `, ${grouped(String(waived))} waived`}`;
}

/** How an obligation reads within a compensation. Dormant, it can be undone; once the walk is on, it waits for its turn. */
export function stepWords({ status }: Pick<Obligation, "status">, run: CompensationPlan["status"]): StateWords {
  if (status !== "REGISTERED") return OBLIGATION_WORDS[status];
  return run === "COMPENSATING" || run === "STUCK" ? { tone: "quiet", word: "waiting", icon: "hourglass" } : OBLIGATION_WORDS.REGISTERED;
}

/** Why nothing can be asked for now, by the plan. Null: it can. */
export function whyNotCompensate({ refusal, status }: Pick<CompensationPlan, "refusal" | "status">, owed: number): string | null {
  if (refusal !== null) return refusal;
  if (status === "COMPENSATING") return "It is being compensated already.";
  return owed === 0 ? "There is nothing to undo." : null;
}

/** Less than this is little (ms). */
const LITTLE_MS = 7 * 86_400_000;

/** How much of the time is left in which a run can be compensated. */
export function leftUntil(at: string, now: number): "none" | "little" | "enough" {
  const leftMs = Date.parse(at) - now;
  if (leftMs <= 0) return "none";
  return leftMs < LITTLE_MS ? "little" : "enough";
}
