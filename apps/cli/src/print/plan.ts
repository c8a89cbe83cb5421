import { count, foreign, formatInstant, formatMoney, OBLIGATION_WORDS, sayWorker, type CompensationItem, type CompensationPlan, type Obligation } from "@tape/core";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** What an obligation would undo: the compensator's own words, else its name. */
export function titleOf({ summary, kind }: Pick<Obligation, "summary" | "kind">): string {
  return summary === null ? foreign(kind, 60) : foreign(summary, 240);
}

/** Is it still to be undone? */
function isOpen({ obligation: { status } }: CompensationItem): boolean {
  return status === "REGISTERED" || status === "PENDING" || status === "STUCK";
}

/** The plan in the order of the walk: each reversal with its sentence and sum, what it comes to, and what holds it up. */
export function planOf(terminal: Terminal, plan: CompensationPlan): string {
  const { paint } = terminal;
  const lines = [paint.bold(headOf(plan))];
  if (plan.items.length > 0) lines.push(table(terminal, [{ head: "", align: "right" }, { head: "" }, { head: "", align: "right" }, { head: "" }], plan.items.map((item, place) => rowOf(terminal, item, place))));
  lines.push(...holdsOf(plan).map((sentence) => paint.person(sentence)));
  if (plan.refusal !== null) lines.push(foreign(plan.refusal, 400));
  else if (plan.compensableUntil !== undefined) lines.push(paint.dim(`It can be asked for until ${formatInstant(plan.compensableUntil)}; after that the run may be deleted.`));
  return lines.join("\n");
}

function headOf({ items, totals, withoutAmount }: CompensationPlan): string {
  const open = items.filter(isOpen).length;
  if (items.length === 0) return "Nothing was done that can be undone";
  if (open === 0) return "Nothing is left to undo";
  const sums = totals.map((sum) => formatMoney(sum)).join(" and ");
  const unnamed = withoutAmount > 0 && sums !== "" ? `, ${withoutAmount} without a sum` : "";
  return `${count(open, "reversal")}, newest first${sums === "" ? "" : `: ${sums} back`}${unnamed}`;
}

function rowOf({ paint }: Terminal, { obligation, hasWorker }: CompensationItem, place: number): string[] {
  const { tone, word } = OBLIGATION_WORDS[obligation.status];
  const isStuck = obligation.status === "STUCK";
  const notes = [
    ...(isStuck ? [obligation.id] : []),
    ...(obligation.lastError !== null && (isStuck || obligation.status === "PENDING") ? [`attempt ${obligation.attempts} failed: ${foreign(obligation.lastError, 120)}`] : []),
    ...(hasWorker || obligation.status === "COMPENSATED" || obligation.status === "WAIVED" ? [] : [`no live worker has ${foreign(obligation.kind, 60)}`]),
  ];
  const said = notes.length === 0 ? titleOf(obligation) : `${titleOf(obligation)} ${paint.dim(`(${notes.join("; ")})`)}`;
  return [String(place + 1), paint[tone](word), obligation.amount === null ? "" : formatMoney(obligation.amount), said];
}

/** What the walk has to wait for. */
export function holdsOf({ unsettled, drivenBy }: Pick<CompensationPlan, "unsettled" | "drivenBy">): string[] {
  return [
    ...(drivenBy === null ? [] : [`It waits until ${sayWorker(drivenBy)} has left the run.`]),
    ...unsettled.map((effect) => `It waits until the outcome is known of: ${effect.summary === null ? foreign(effect.tool, 60) : foreign(effect.summary, 200)} (${effect.id}, ${effect.status.toLowerCase()}).`),
  ];
}
