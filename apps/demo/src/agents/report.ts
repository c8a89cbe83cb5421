import { count, sayActor } from "@tape/core";
import { totals, type Money } from "../money/cents.ts";
import type { Payment, Problem } from "../payments/payment.ts";
import type { PaymentFile } from "../payments/read.ts";
import { MOST_PROBLEMS, sayTotals } from "./read-file.ts";

/** How a batch ended. `rejected` and `unpaid` name what was not paid; `outcome: "rejected"` is the approver's. */
export interface PayBatchReport {
  outcome: "paid" | "partly_paid" | "nothing_paid" | "rejected";
  /** The same in words. */
  title: string;
  paid: number;
  /** What was paid, when it is in one currency; `totals` has it by currency. */
  total: Money | null;
  totals: Money[];
  /** What is wrong with rows of the file, at most 200; `rejectedRows` counts them all. */
  rejected: Problem[];
  rejectedRows: number;
  /** Payments that the bank refused, or that did not get through. */
  unpaid: { line: number; creditor: string; amount: Money; reason: string }[];
  decidedBy?: string;
  comment?: string;
}

/** Collects what happens to the payments of one batch. */
export function beginReport({ problems, rejectedRows }: Pick<PaymentFile, "problems" | "rejectedRows">) {
  const amounts: Money[] = [];
  const unpaid: PayBatchReport["unpaid"] = [];

  function make(outcome: PayBatchReport["outcome"], title: string): PayBatchReport {
    const sums = totals(amounts);
    const [only, ...others] = sums;
    const total = only !== undefined && others.length === 0 ? only : null;
    return { outcome, title, paid: amounts.length, total, totals: sums, rejected: problems.slice(0, MOST_PROBLEMS), rejectedRows, unpaid };
  }

  function left(): string {
    const parts = [...(unpaid.length > 0 ? [`${count(unpaid.length, "payment")} did not get through`] : []), ...(rejectedRows > 0 ? [`${count(rejectedRows, "row")} could not be read`] : [])];
    return parts.join(", ");
  }

  return {
    paid: ({ amount }: Payment) => void amounts.push(amount),
    unpaid: ({ line, creditor, amount }: Payment, reason: string) => void unpaid.push({ line, creditor, amount, reason }),
    end(): PayBatchReport {
      if (amounts.length === 0) return make("nothing_paid", `nothing paid, ${left()}`);
      const sum = `${count(amounts.length, "payment")}, ${sayTotals(totals(amounts))}`;
      return left() === "" ? make("paid", sum) : make("partly_paid", `${sum}; ${left()}`);
    },
    rejected({ decidedBy, comment }: { decidedBy: string | null; comment: string | null }): PayBatchReport {
      const title = `nothing paid, rejected by ${sayActor(decidedBy)}`;
      return { ...make("rejected", title), ...(decidedBy !== null && { decidedBy }), ...(comment !== null && { comment }) };
    },
  };
}
