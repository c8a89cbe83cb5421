import type { Entry, Happening } from "@tape/core";
import type { DriverRecord } from "@tape/store";

/** What a drive has begun and must bring to an end: effects whose outcome it will say, timers it closes with the run. */
export class Own {
  private readonly effects = new Set<string>();
  /** Deadlines, sleeps and timers that are armed, also of what has its outcome already: id → kind. */
  armed = new Map<string, string>();

  /** Said by the drive itself. */
  begin(records: readonly DriverRecord[]): void {
    for (const { happening } of records) {
      if (happening.kind === "timer" && happening.verb === "armed") this.armed.set(happening.payload.timerId, happening.payload.kind);
      if (isPerformedHere(happening)) this.effects.add(happening.payload.effectId);
    }
  }

  /** The outcomes among these are committed: from here on others may have a say. */
  end(records: readonly DriverRecord[]): void {
    for (const { happening } of records) if (happening.kind === "effect") this.effects.delete(happening.payload.effectId);
  }

  /** Takes notice of what came. The key of an effect of its own that somebody else has settled; null when there is none. */
  overtakenBy(entry: Entry): string | null {
    if (entry.kind === "timer" && entry.verb === "armed") this.armed.set(entry.payload.timerId, entry.payload.kind);
    if (entry.kind === "timer" && (entry.verb === "fired" || entry.verb === "cancelled")) this.armed.delete(entry.payload.timerId);
    return isForeign(entry) && this.effects.has(entry.payload.effectId) ? entry.payload.key : null;
  }
}

/** An effect's outcome that the driver did not write. */
function isForeign(entry: Entry): entry is Extract<Entry, { kind: "effect"; verb: "confirmed" | "failed" }> {
  return entry.kind === "effect" && (entry.verb === "confirmed" || entry.verb === "failed") && entry.payload.by !== "driver";
}

/** What the outbox sends, others settle. */
function isPerformedHere(happening: DriverRecord["happening"]): happening is Extract<Happening, { kind: "effect" }> {
  if (happening.kind !== "effect") return false;
  return happening.verb === "resumed" || (happening.verb === "intended" && happening.payload.dispatch === "INLINE");
}
