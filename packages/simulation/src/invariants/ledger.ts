import { keyOf } from "../model/index.ts";
import type { Invariant } from "./invariant.ts";

/**
 * In the end the bank's ledger is the journal's: what is CONFIRMED was booked, what is FAILED was not, what is taken back
 * is taken back, and what was booked once too often is owed back. What a process did that had stood still while its
 * effect was settled without it is beyond any journal, and is left out.
 */
export const ledger: Invariant = {
  name: "the ledger is the journal's",
  watch: ({ model, town }, violated) => {
    const settledBefore = new Set<string>();
    return {
      arrived: (what, key) => {
        const effect = [...model.effects.values()].find((each) => each.key === key);
        if (what === "act" && effect && (effect.status === "CONFIRMED" || effect.status === "FAILED")) settledBefore.add(key);
      },
      ended: () => {
        const { payments } = town.bank;
        const keys = new Set(payments.map(({ key }) => key));
        for (const { runId, key, status, tool } of model.effects.values()) {
          if (tool === "look" || settledBefore.has(key)) continue;
          const booked = payments.filter((each) => each.key === key);
          if (status === "CONFIRMED" && booked.length === 0) violated(`${key} of run ${runId} is CONFIRMED, and the bank knows nothing of it`);
          if (status === "FAILED" && booked.length > 0) violated(`${key} of run ${runId} is FAILED, and the bank has booked it: ${booked.map(({ ref }) => ref).join(", ")}`);
          keys.delete(key);
        }
        for (const { runId, effectKey, status, id, payload } of model.obligations.values()) {
          if (status !== "COMPENSATED" || settledBefore.has(effectKey)) continue;
          const obligation = model.obligations.get(keyOf(runId, id))!;
          const { result, externalRef, copy } = JSON.parse(payload) as { result: { ref?: string } | null; externalRef?: string; copy?: { ref: string } };
          const ref = copy?.ref ?? externalRef ?? result?.ref;
          const payment = payments.find((each) => each.ref === ref);
          if (payment && payment.reversedBy === null) violated(`the obligation of ${effectKey} (${obligation.reason}) is COMPENSATED, and ${payment.ref} was not taken back`);
        }
        for (const { ref, key, reversedBy } of payments) {
          if (reversedBy === null) continue;
          const owed = [...model.obligations.values()].filter((each) => each.effectKey === key);
          if (!owed.some(({ status }) => status !== "REGISTERED")) violated(`${ref} of ${key} was taken back, and nobody owed it`);
        }
      },
    };
  },
};
