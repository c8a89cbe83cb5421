import type { DriverRecord } from "@tape/store";
import type { LateOutcome } from "./journal.ts";

/** What bodies confirmed and the journal has not taken: money may have moved, so it is said without the lease (D12). */
export function lateOutcomesOf(runId: string, records: readonly DriverRecord[]): LateOutcome[] {
  return records.flatMap(({ happening, obligation }): LateOutcome[] => {
    if (happening.kind !== "effect" || happening.verb !== "confirmed") return [];
    const { effectId, key, result, notStorable, externalRef, summary } = happening.payload;
    return [{ runId, effectId, key, outcome: { status: "confirmed", result, notStorable, externalRef, summary, obligation } }];
  });
}
