import { formatDuration, sayActor, sayWorker, type Entry, type Run, type TimelineItem } from "@tape/core";

export interface CancelStep {
  id: "requested" | "noticed" | "settled";
  /** `skipped`: it did not have to happen. Of several open ones the first is what it waits for. */
  state: "done" | "open" | "skipped";
  title: string;
  /** When it happened, or since when it is open. */
  at: string;
  /** How long it took from the request: `212 ms`. */
  took: string | null;
  detail: string | null;
}

export interface AtWork {
  itemId: string;
  sentence: string;
  since: string;
}

/** What became of a cancellation so far, and which tools still run although it was asked for. */
export interface CancelStory {
  steps: readonly CancelStep[];
  running: readonly AtWork[];
  /** Effects of which nobody knows whether they happened. */
  unknown: number;
}

type Cancelled = Pick<Run, "status" | "cancelledAt" | "cancelledBy" | "cancelReason" | "cancelNoticedAt" | "settledAt" | "lease">;

/** Null for a run that is not cancelled, or whose cancellation compensation has overtaken. */
export function cancelStory(run: Cancelled, items: readonly TimelineItem[], entries: readonly Entry[]): CancelStory | null {
  if (run.status !== "CANCELLED" || run.cancelledAt === null) return null;
  const effects = items.filter((item) => item.kind === "effect" && item.endedAt === null);
  return {
    steps: [requested(run, run.cancelledAt), noticed(run, run.cancelledAt, entries), settled(run, run.cancelledAt)],
    running: effects.filter(({ waiting }) => !waiting).map(({ id, sentence, startedAt }) => ({ itemId: id, sentence, since: startedAt })),
    unknown: effects.filter(({ waiting }) => waiting).length,
  };
}

function requested(run: Cancelled, at: string): CancelStep {
  return { id: "requested", state: "done", title: `Requested by ${sayActor(run.cancelledBy)}`, at, took: null, detail: run.cancelReason === null ? null : `“${run.cancelReason}”` };
}

function noticed(run: Cancelled, since: string, entries: readonly Entry[]): CancelStep {
  const step = { id: "noticed", at: run.cancelNoticedAt ?? since, took: tookFrom(since, run.cancelNoticedAt) } as const;
  if (run.cancelNoticedAt !== null) return { ...step, state: "done", title: `Noticed by ${noticer(entries)}`, detail: null };
  if (run.settledAt === null) return { ...step, state: "open", title: "Not noticed yet", detail: whoNotices(run) };
  return { ...step, state: "skipped", title: "Nobody had to notice it", detail: settledBy(entries) === "recovery" ? "Its worker was gone." : "No worker was driving the run." };
}

function settled(run: Cancelled, since: string): CancelStep {
  const step = { id: "settled", at: run.settledAt ?? run.cancelNoticedAt ?? since, took: tookFrom(since, run.settledAt) } as const;
  if (run.settledAt !== null) return { ...step, state: "done", title: "Settled", detail: "No worker holds the run any more." };
  return { ...step, state: "open", title: "Not settled yet", detail: "It is, once its worker has left the run." };
}

function whoNotices({ lease }: Cancelled): string {
  return lease === null ? "Its worker does so at its next model or tool call." : `${capitalized(sayWorker(lease.owner))} does so at its next model or tool call.`;
}

function tookFrom(from: string, to: string | null): string | null {
  return to === null ? null : formatDuration(Date.parse(to) - Date.parse(from));
}

/** The journal ends near what is asked for, so looking from its end is quick however long it is. */
function noticer(entries: readonly Entry[]): string {
  const entry = entries.findLast((one) => one.kind === "run" && one.verb === "cancel_noticed" && !one.dropped);
  return entry?.kind === "run" && entry.verb === "cancel_noticed" ? sayWorker(entry.payload.owner) : "its worker";
}

function settledBy(entries: readonly Entry[]): string | null {
  const entry = entries.findLast((one) => one.kind === "run" && one.verb === "settled" && !one.dropped);
  return entry?.kind === "run" && entry.verb === "settled" ? entry.payload.by : null;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
