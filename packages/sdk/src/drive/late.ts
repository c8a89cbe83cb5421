import type { DriverRecord } from "@tape/store";
import type { LateOutcome } from "./journal.ts";

/** Outcomes of effects among records that no commit is known to have taken. */
export function lateOutcomesOf(runId: string, records: readonly DriverRecord[]): LateOutcome[] {
  return records.flatMap(({ happening, obligation, checkable = false }): LateOutcome[] => {
    if (happening.kind !== "effect") return [];
    const { effectId, key } = happening.payload;
    switch (happening.verb) {
      case "confirmed": {
        const { result, notStorable, externalRef, summary } = happening.payload;
        return [{ runId, effectId, key, outcome: { status: "confirmed", result, notStorable, externalRef, summary, obligation } }];
      }
      case "failed":
        return [{ runId, effectId, key, outcome: { status: "failed", error: happening.payload.error, reason: happening.payload.reason } }];
      case "unknown":
        return [{ runId, effectId, key, outcome: { status: "unknown", error: happening.payload.error, reason: happening.payload.reason, checkable } }];
      default:
        return [];
    }
  });
}
