import type { Entry, RecordedError, TimelineItem, Usage } from "@tape/core";

/** What the entries of an item say beside its sentence: what was asked, what came back, how it was done. */
export interface ItemStory {
  request?: unknown;
  response?: unknown;
  error?: RecordedError;
  model?: string;
  usage?: Usage;
  rationale?: string;
  tool?: string;
  semantics?: string;
  dispatch?: string;
  businessKey?: string;
  externalRef?: string;
  notStorable?: string;
}

/** The entries an item is made of. `entries` begins at 1 and has no holes. */
export function entriesOf(item: TimelineItem, entries: readonly Entry[]): Entry[] {
  return item.seqs.flatMap(({ first, last }) => entries.slice(first - 1, last));
}

/** Later entries win: the last error and the outcome that stands. */
export function storyOf(entries: readonly Entry[]): ItemStory {
  const story: ItemStory = {};
  for (const entry of entries) Object.assign(story, tell(entry));
  return story;
}

function tell(entry: Entry): ItemStory {
  switch (entry.kind) {
    case "effect":
      return tellEffect(entry);
    case "decision":
      if (entry.verb === "asked") return { request: entry.payload.request, model: entry.payload.model };
      if (entry.verb === "failed") return { error: entry.payload.error };
      return { response: entry.payload.response, usage: entry.payload.usage, rationale: entry.payload.rationale, notStorable: entry.payload.notStorable };
    case "gate":
      if (entry.verb === "opened") return { request: entry.payload.payload };
      return entry.verb === "decided" ? { response: { outcome: entry.payload.outcome, values: entry.payload.values, comment: entry.payload.comment } } : {};
    case "signal":
      return entry.verb === "received" ? { response: entry.payload.payload } : {};
    case "obligation":
      if (entry.verb === "compensated") return { response: entry.payload.result };
      return entry.verb === "attempt_failed" || entry.verb === "stuck" ? { error: entry.payload.error } : {};
    case "timer":
      return entry.verb === "armed" && entry.payload.payload !== undefined ? { request: entry.payload.payload } : {};
    case "value":
      return entry.verb === "read" ? { response: entry.payload.value } : {};
    case "run":
      if (entry.verb === "started") return { request: entry.payload.input };
      if (entry.verb === "completed") return { response: entry.payload.output };
      if (entry.verb === "failed") return { error: entry.payload.error };
      return entry.verb === "sampled" ? { response: entry.payload.value, error: entry.payload.error } : {};
    case "budget":
      return {};
  }
}

function tellEffect(entry: Extract<Entry, { kind: "effect" }>): ItemStory {
  switch (entry.verb) {
    case "intended": {
      const { request, tool, semantics, dispatch, businessKey } = entry.payload;
      return { request, tool, semantics, dispatch, businessKey };
    }
    case "confirmed":
      return { response: entry.payload.result, externalRef: entry.payload.externalRef, notStorable: entry.payload.notStorable, error: undefined };
    case "failed":
    case "attempt_failed":
      return { error: entry.payload.error };
    case "unknown":
      return entry.payload.error === undefined ? {} : { error: entry.payload.error };
    default:
      return {};
  }
}
