import type { Entry } from "../../entry/index.ts";
import type { CompensationPlan } from "../../wire/compensation.ts";
import type { Obligation } from "../../wire/effect.ts";
import { sumMoney } from "../../words/money.ts";
import { at } from "../fixed.ts";
import { effectsOf, obligationsOf } from "./effects.ts";
import { runOf } from "./run.ts";

const isOwed = ({ status }: Obligation) => status !== "COMPENSATED" && status !== "WAIVED";

/** What `GET /runs/:id/compensation` answers after these entries; every compensator has a worker. */
export function compensationOf(entries: readonly Entry[]): CompensationPlan {
  const run = runOf(entries);
  const effects = effectsOf(entries);
  const obligations = obligationsOf(entries).toReversed();
  const owed = obligations.filter(isOwed);
  const isOver = run.endedAs !== null && run.status !== "STUCK";
  return {
    runId: run.id,
    status: run.status,
    refusal: refusalOf(isOver, run.status, owed.length),
    items: obligations.flatMap((obligation) => {
      const effect = effects.find(({ id }) => id === obligation.effectId);
      return effect === undefined ? [] : [{ obligation, effect: { id: effect.id, tool: effect.tool, summary: effect.summary, settledAt: effect.settledAt }, hasWorker: true }];
    }),
    totals: sumMoney(owed.flatMap(({ amount }) => (amount === null ? [] : [amount]))),
    withoutAmount: owed.filter(({ amount }) => amount === null).length,
    unsettled: effects.filter(({ status }) => status === "PENDING" || status === "UNKNOWN").map(({ createdAt, id, status, summary, tool }) => ({ id, tool, summary, status, createdAt })),
    drivenBy: run.settledAt === null && run.lease !== null ? run.lease.owner : null,
    serverTime: entries.at(-1)?.at ?? at(0),
  };
}

function refusalOf(isOver: boolean, status: CompensationPlan["status"], owed: number): string | null {
  if (status === "COMPENSATED") return "Everything that could be undone is undone already.";
  if (status === "STUCK") return "Undoing has given up. Settle what is stuck, then the walk goes on by itself.";
  if (status === "COMPENSATING") return null;
  if (!isOver) return "The run has not ended. Cancel it first, or wait until it ends.";
  return owed === 0 ? "There is nothing to undo: no effect of this run has an inverse." : null;
}
