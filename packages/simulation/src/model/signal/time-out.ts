import type { EntryOf, Happening } from "@tape/core";
import type { Model } from "../model.ts";

/**
 * The entry of an await whose deadline has come. None for one that has its signal, also where that came in time and its
 * run was not driven since: signals that are kept go to the awaits of their name, the oldest await first.
 */
export function timeOutAwait(model: Model, { runId, key }: { runId: string; key: string }): Happening | null {
  const { waiting, kept } = signalsOf(model, runId);
  const own = waiting.find((one) => one.key === key);
  if (!own) return null;
  const place = waiting.filter(({ name }) => name === own.name).indexOf(own);
  const isThere = place < kept.filter(({ name }) => name === own.name).length;
  return isThere ? null : { kind: "signal", verb: "timed_out", payload: { key, name: own.name } };
}

/** The awaits of a run that have no outcome, and its signals that nobody took, both as they came. */
function signalsOf(model: Model, runId: string): { waiting: { key: string; name: string }[]; kept: { signalId: string; name: string }[] } {
  const entries = (model.journals.get(runId) ?? []).filter(({ kind }) => kind === "signal") as unknown as EntryOf<"signal">[];
  const of = <Verb extends EntryOf<"signal">["verb"]>(verb: Verb) =>
    entries.filter((entry) => entry.verb === verb).map(({ payload }) => payload as Extract<EntryOf<"signal">, { verb: Verb }>["payload"]);
  const over = new Set([...of("delivered"), ...of("timed_out"), ...of("timeout_delivered")].map(({ key }) => key));
  const taken = new Set(of("delivered").map(({ signalId }) => signalId));
  return { waiting: of("awaited").filter(({ key }) => !over.has(key)), kept: of("received").filter(({ signalId }) => !taken.has(signalId)) };
}
