import type { EntryOf, Happening } from "@tape/core";
import { groupBy } from "../group-by.ts";
import type { Tx } from "../transaction.ts";

type Line = Pick<EntryOf<"signal">, "verb" | "payload">;

/**
 * The entry of each await whose deadline has come, by the key of its step; none for one that has its signal, also where
 * the signal came in time and its run was not driven since. The transaction holds the rows of the runs.
 */
export async function timeOutAwaits(tx: Tx, awaits: readonly { runId: string; key: string }[]): Promise<Map<string, Happening>> {
  if (awaits.length === 0) return new Map();
  const { rows } = await tx.query<{ runId: string; verb: string; body: string }>(
    `SELECT e.run_id AS "runId", e.verb, b.body FROM tape.entries e JOIN tape.bodies b USING (run_id, seq)
     WHERE e.run_id = ANY ($1) AND e.kind = 'signal' ORDER BY e.run_id, e.seq`,
    [[...new Set(awaits.map(({ runId }) => runId))]],
  );
  const journals = groupBy(rows, ({ runId }) => runId);
  return new Map(
    awaits.flatMap(({ runId, key }): [string, Happening][] => {
      const lines = (journals.get(runId) ?? []).map(({ verb, body }) => ({ verb, payload: JSON.parse(body) as unknown }) as Line);
      const name = nameIfOverdue(lines, key);
      return name === null ? [] : [[key, { kind: "signal", verb: "timed_out", payload: { key, name } }]];
    }),
  );
}

/** The name of the signal that this await did not get; null when it has one, or one is there for it. Oldest await first. */
export function nameIfOverdue(lines: readonly Line[], key: string): string | null {
  const waiting = new Map<string, string>();
  const kept = new Map<string, string>();
  for (const { verb, payload } of lines as EntryOf<"signal">[]) {
    if (verb === "awaited") waiting.set(payload.key, payload.name);
    if (verb === "received") kept.set(payload.signalId, payload.name);
    if (verb === "delivered") kept.delete(payload.signalId);
    if (verb === "delivered" || verb === "timed_out" || verb === "timeout_delivered") waiting.delete(payload.key);
  }
  const name = waiting.get(key);
  if (name === undefined) return null;
  const before = [...waiting].filter(([, awaited]) => awaited === name).findIndex(([own]) => own === key);
  const signals = [...kept.values()].filter((one) => one === name).length;
  return before < signals ? null : name;
}
