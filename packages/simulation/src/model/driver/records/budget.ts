import type { DriverRecord } from "@tape/store";
import type { RunRow } from "../../model.ts";

/**
 * What decisions cost their run (D42): what is set aside for one, and what it cost once its budget is settled, which gives
 * back what was set aside. An answer whose budget is not settled in the same commit costs what it says itself. Caps are
 * as they were last named, each by itself.
 */
export function charge(run: RunRow, records: readonly DriverRecord[]): void {
  const settled = new Set(records.flatMap(({ happening }) => (happening.kind === "budget" && happening.verb === "settled" ? [happening.payload.key] : [])));
  for (const { happening, reservation } of records) {
    if (happening.kind === "decision" && happening.verb === "answered") {
      const { key, usage } = happening.payload;
      if (!usage || settled.has(key)) continue;
      run.spentMicroUsd += usage.costMicroUsd ?? 0;
      run.spentTokens += usage.inputTokens + usage.outputTokens;
    }
    if (happening.kind !== "budget") continue;
    if (happening.verb === "settled") {
      run.spentMicroUsd += happening.payload.microUsd;
      run.spentTokens += happening.payload.tokens;
      run.reservedMicroUsd -= reservation?.microUsd ?? 0;
      run.reservedTokens -= reservation?.tokens ?? 0;
      continue;
    }
    if (happening.verb === "reserved") {
      run.reservedMicroUsd += happening.payload.microUsd;
      run.reservedTokens += happening.payload.tokens;
    }
    run.capMicroUsd = happening.payload.cap?.microUsd ?? run.capMicroUsd;
    run.capTokens = happening.payload.cap?.tokens ?? run.capTokens;
  }
}
