import { TapeError } from "@tape/core";
import type { Model, ObligationRow, RunRow } from "../model.ts";
import { lockRun } from "../run/lock.ts";

/** @throws {TapeError} `not_found` */
export function lockObligation(model: Model, obligationId: string): { run: RunRow; obligation: ObligationRow } {
  const obligation = [...model.obligations.values()].find(({ id }) => id === obligationId);
  if (!obligation) throw new TapeError("not_found", `There is no obligation ${obligationId}.`);
  return { run: lockRun(model, obligation.runId), obligation };
}
