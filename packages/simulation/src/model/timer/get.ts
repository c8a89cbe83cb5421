import { TapeError } from "@tape/core";
import type * as store from "@tape/store";
import { keyOf, type Model, type TimerRow } from "../model.ts";
import { assertText } from "../text.ts";
import type { VerbOf } from "../verb.ts";
import { toTimer } from "./row.ts";

export const getTimer: VerbOf<typeof store.getTimer> = (model, { runId, id }) => {
  assertText(id, "id");
  return toTimer(findTimer(model, { runId, id }));
};

/** @throws {TapeError} `not_found` */
export function findTimer(model: Model, { runId, id }: { runId: string; id: string }): TimerRow {
  const timer = model.timers.get(keyOf(runId, id));
  if (!timer) throw new TapeError("not_found", `Run ${runId} has no timer ${id}.`);
  return timer;
}
