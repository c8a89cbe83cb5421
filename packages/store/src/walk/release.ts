import { appendToRun } from "../journal/append.ts";
import type { LockedRun } from "../run/lock.ts";
import type { Store } from "../store.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { lockWalk, type WalkOf } from "./lock.ts";

/** A walker that stops in order gives its walk back; another takes it up at once. Nothing happens when it is not its own any more. */
export async function releaseWalk(store: Store, walk: WalkOf): Promise<void> {
  await inTransaction(store, async (tx) => {
    const { run, lost } = await lockWalk(tx, walk);
    if (!lost) await handBack(tx, run, "stopping");
  });
}

export async function handBack(tx: Tx, run: LockedRun, reason: "stopping" | "compensator_missing"): Promise<void> {
  await appendToRun(tx, { runId: run.id, happenings: [{ kind: "run", verb: "walk_released", payload: { reason } }], lease: "given_back" });
}
