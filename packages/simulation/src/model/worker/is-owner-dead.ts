import type { Model, RunRow } from "../model.ts";
import { isDead } from "./presence.ts";

/** Is the owner of this run known to be dead, though its lease has not run out? */
export function isOwnerDead(model: Model, { owner }: RunRow): boolean {
  return isDead(model, owner);
}
