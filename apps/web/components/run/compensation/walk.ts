import type { CompensationItem, Entry, EntryOf, Obligation } from "@tape/core";

/** Where the obligations of a run stand by its journal, by their ids. */
export type Walked = ReadonlyMap<string, Partial<Obligation>>;

/** What the journal says of each obligation that was armed. The plan is asked for now and then; this is pushed. */
export function walkedIn(entries: readonly Entry[]): Walked {
  const walked = new Map<string, Partial<Obligation>>();
  for (const entry of entries) {
    if (entry.kind !== "obligation" || entry.verb === "registered" || entry.dropped) continue;
    walked.set(entry.payload.obligationId, { ...walked.get(entry.payload.obligationId), ...changeOf(entry) });
  }
  return walked;
}

function changeOf(entry: EntryOf<"obligation">): Partial<Obligation> {
  switch (entry.verb) {
    case "registered":
      return {};
    case "armed":
      return { status: "PENDING" };
    case "attempt_failed":
      return { status: "PENDING", attempts: entry.payload.attempt, lastError: entry.payload.error.message, nextAttemptAt: entry.payload.nextAttemptAt };
    case "stuck":
      return { status: "STUCK", lastError: entry.payload.error.message, nextAttemptAt: null };
    case "retried":
      return { status: "PENDING", attempts: 0, lastError: null, nextAttemptAt: null };
    case "compensated":
      return { status: "COMPENSATED", nextAttemptAt: null, settledAt: entry.at };
    case "waived":
      return { status: "WAIVED", nextAttemptAt: null, settledAt: entry.at };
  }
}

/** The plan's items as they stand now. The same item where nothing is newer. */
export function itemsNow(items: readonly CompensationItem[], walked: Walked): CompensationItem[] {
  return items.map((item) => {
    const change = walked.get(item.obligation.id);
    return change === undefined ? item : { ...item, obligation: { ...item.obligation, ...change } };
  });
}
