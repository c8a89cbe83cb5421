import { TapeError } from "@tape/core";
import type * as store from "@tape/store";
import { append } from "../append.ts";
import type { Model, ObligationRow, RunRow } from "../model.ts";
import type { VerbOf } from "../verb.ts";
import { MOST_ATTEMPTS, postponeReversal, settleReversal, stopReversal } from "./attempted.ts";
import { lockObligation } from "./lock.ts";
import { toObligation } from "./row.ts";

/** What came of one attempt to undo an extra copy. Five failed ones leave it STUCK by itself, and its run as it is (D18). */
export const recordDuplicate: VerbOf<typeof store.recordDuplicate> = (model, { obligationId, claim, attempt, owner, outcome }) => {
  const { run, obligation } = lockObligation(model, obligationId);
  const isSaid = obligation.status !== "PENDING" || obligation.attempts >= attempt;
  if (!isSaid) {
    if (obligation.claim !== claim) throw new TapeError("lease_lost", `The obligation ${obligationId} is not yours to report on any more.`);
    apply(model, run, obligation, { attempt, owner, outcome });
  }
  return toObligation(obligation);
};

function apply(model: Model, run: RunRow, obligation: ObligationRow, { attempt, owner, outcome }: Pick<store.RecordDuplicate, "attempt" | "owner" | "outcome">): void {
  if (outcome.status === "compensated") {
    settleReversal(model, run, obligation, { ...outcome, attempt, by: `worker:${owner}` });
    model.hints.push({ on: "reactors" });
    return;
  }
  const { error, isFinal = false } = outcome;
  if (!isFinal && attempt % MOST_ATTEMPTS !== 0) return void postponeReversal(model, run, obligation, { attempt, error });
  const { happening } = stopReversal(model, obligation, { attempt, error });
  append(model, { runId: run.id, happenings: [happening], armed: -1 });
}
