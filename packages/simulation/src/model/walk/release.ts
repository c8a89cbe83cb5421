import type * as store from "@tape/store";
import { append } from "../append.ts";
import type { Model, RunRow } from "../model.ts";
import type { VerbOf } from "../verb.ts";
import { lockWalk } from "./lock.ts";

/** A walker that stops in order gives its walk back. Nothing happens when it is not its own any more. */
export const releaseWalk: VerbOf<typeof store.releaseWalk> = (model, walk) => {
  const { run, lost } = lockWalk(model, walk);
  if (!lost) handBack(model, run, "stopping");
};

export function handBack(model: Model, run: RunRow, reason: "stopping" | "compensator_missing"): void {
  append(model, { runId: run.id, happenings: [{ kind: "run", verb: "walk_released", payload: { reason } }], lease: "given_back" });
}
