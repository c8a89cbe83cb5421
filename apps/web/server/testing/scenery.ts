import { RUN_STATUSES } from "@tape/core";
import { claimSink, createToken, setValue } from "@tape/store";
import { actors, makeEffect, makeGate, makeObligation, makeRun, makeTimer } from "@tape/store/testing";
import type { World } from "./world.ts";

/** Something of everything there is, in states that can be asked for a change. */
export interface Scenery {
  /** By the collection that a path begins with: `runs`, `gates`, … */
  ids: Readonly<Record<string, readonly string[]>>;
  /** Values for path parameters of other names. */
  names: Readonly<Record<string, readonly string[]>>;
  /** Text that means something somewhere in a body. */
  words: readonly string[];
}

export async function makeScenery({ store }: Pick<World, "store">): Promise<Scenery> {
  const runs = await Promise.all(RUN_STATUSES.map((status) => makeRun(store, { status, ...(ENDED_AS.has(status) && { endedAs: "COMPLETED" as const }) })));
  const [first] = runs;
  const host = first!.id;
  const gates = [
    await makeGate(store, host, { name: "plain" }),
    await makeGate(store, host, { name: "formed", quorum: 2, form: [{ name: "amount", label: "Amount", type: "number", required: true }], deadlineMs: 3_600_000 }),
  ];
  const effects = [await makeEffect(store, host), await makeEffect(store, host, { semantics: "NON_IDEMPOTENT", dispatch: "OUTBOX" })];
  const obligations = [await makeObligation(store, host), await makeObligation(store, host, { status: "STUCK", attempts: 3 })];
  const timers = [await makeTimer(store, host, { id: "nightly", kind: "redrive", inMs: 3_600_000 })];
  const { record } = await createToken(store, { name: "spare", role: "viewer", actor: actors.admin });
  for (const key of ["k", "progress"]) await setValue(store, { namespace: "a/b", key, value: { done: 1, total: 2 }, writer: actors.operator.id, actor: actors.operator });
  await claimSink(store, { id: "books", claim: "wrk_a/1", forMs: 60_000 });
  const idsOf = (things: readonly { id: string }[]) => things.map(({ id }) => id);
  return {
    ids: { runs: idsOf(runs), gates: idsOf(gates), effects: idsOf(effects), obligations: idsOf(obligations), tokens: [record.id], sinks: ["books"] },
    names: { timerId: idsOf(timers), namespace: ["a/b", `runs/${host}`], key: ["k", "progress"] },
    words: [...gates.map((gate) => gate.fingerprint), host, "pay", "go", "redrive", "nightly", "because it must"],
  };
}

const ENDED_AS = new Set<string>(["COMPENSATING", "COMPENSATED"]);
