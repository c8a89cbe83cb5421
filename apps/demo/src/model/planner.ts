import { count, formatMoney } from "@tape/core";
import { toCents } from "../money/cents.ts";
import { bySize, byText } from "./group.ts";
import type { Plan, PlanRequest } from "./plan.ts";
import { ScriptedModel } from "./scripted.ts";

/** Plans payment batches. A stand-in for a language model: replace it and nothing else changes. */
export const planner = new ScriptedModel<PlanRequest, Plan>("scripted-planner-1", writePlan);

/** From this share of its currency's total on, a payment stands out: one in …. */
const STANDS_OUT = 2n;

function writePlan(request: PlanRequest): Plan {
  const groups = [...request.groups].sort((a, b) => bySize(toCents(a.total), toCents(b.total)) || byText(a.key, b.key));
  const countries = new Set(groups.map(({ key }) => key.slice(0, 2))).size;
  const rationale =
    groups.length > 1
      ? `${count(request.payments, "payment")} to ${count(countries, "country", "countries")}, country by country, the smallest sum first: a wrong account shows while little has been paid.`
      : `${count(request.payments, "payment")}, all to one country in one currency: paid in the order of the file.`;
  return { order: groups.map(({ key }) => key), notes: notesOn(request), rationale };
}

function notesOn({ groups, largest, repeated, sharedAccounts, rejectedRows }: PlanRequest): string[] {
  const notes: string[] = [];
  const [top] = largest;
  if (top && largest.length > 1) {
    const total = groups.filter(({ total: sum }) => sum.currency === top.amount.currency).reduce((sum, each) => sum + toCents(each.total), 0n);
    if (toCents(top.amount) * STANDS_OUT >= total) {
      notes.push(`${top.creditor} receives ${formatMoney(top.amount)}, ${percent(toCents(top.amount), total)} of all ${top.amount.currency}.`);
    }
  }
  for (const { iban, creditors } of sharedAccounts) notes.push(`The account ${iban} goes by ${creditors.length} names: ${creditors.join(", ")}.`.slice(0, 300));
  for (const { creditor, payments } of repeated.slice(0, 3)) notes.push(`${creditor} is paid ${payments} times.`);
  if (rejectedRows > 0) notes.push(`${count(rejectedRows, "row")} of the file cannot be paid and ${rejectedRows === 1 ? "is" : "are"} listed below.`);
  return notes;
}

function percent(part: bigint, whole: bigint): string {
  const permille = (part * 1000n + whole / 2n) / whole;
  return `${permille / 10n}.${permille % 10n} %`;
}
