import type { CompensationPlan, Effect, Entry, Gate, Obligation, Page, Run, RunFilter, RunSummary, StartRunRequest, Timer, TimerRequest } from "@tape/core";
import type { Send } from "./request.ts";

export interface PageAsk {
  cursor?: string;
  /** 1 to 200, default 50. */
  limit?: number;
}

/** Shows a run's progress to whoever has it, and nothing else of the run. */
export interface ProgressLink {
  url: string;
  expiresAt: string;
}

/** The same key twice is one start or one signal. */
export interface Once {
  idempotencyKey?: string;
}

export function runRoutes(send: Send) {
  const of = (runId: string, rest = "") => `/api/v1/runs/${encodeURIComponent(runId)}${rest}`;
  const timerOf = (runId: string, timerId: string) => of(runId, `/timers/${encodeURIComponent(timerId)}`);
  return {
    list: (ask: RunFilter & PageAsk = {}, signal?: AbortSignal) =>
      send<Page<RunSummary>>("/api/v1/runs", { query: { ...ask }, signal }),
    get: (runId: string, signal?: AbortSignal) => send<Run>(of(runId), { signal }),
    /** `fromSeq` is exclusive: the last one you have, 0 for all. */
    journal: (runId: string, ask: { fromSeq?: number; limit?: number } = {}, signal?: AbortSignal) =>
      send<Page<Entry>>(of(runId, "/journal"), { query: { ...ask }, signal }),
    effects: (runId: string, ask: PageAsk = {}, signal?: AbortSignal) =>
      send<Page<Effect>>(of(runId, "/effects"), { query: { ...ask }, signal }),
    obligations: (runId: string, ask: PageAsk = {}, signal?: AbortSignal) =>
      send<Page<Obligation>>(of(runId, "/obligations"), { query: { ...ask }, signal }),
    gates: (runId: string, ask: PageAsk = {}, signal?: AbortSignal) =>
      send<Page<Gate>>(of(runId, "/gates"), { query: { ...ask }, signal }),
    timers: (runId: string, ask: PageAsk = {}, signal?: AbortSignal) =>
      send<Page<Timer>>(of(runId, "/timers"), { query: { ...ask }, signal }),
    /** A known `invocationId` answers the run that has it, with `resumed: true`. */
    start: (request: StartRunRequest, once: Once = {}) =>
      send<Run & { resumed: boolean }>("/api/v1/runs", { method: "POST", body: request, headers: headersOf(once) }),
    signal: (runId: string, request: { name: string; payload?: unknown }, once: Once = {}) =>
      send<unknown>(of(runId, "/signals"), { method: "POST", body: request, headers: headersOf(once) }),
    redrive: (runId: string, request: { reason: string }) => send<Run>(of(runId, "/redrive"), { method: "POST", body: request }),
    /** For good, and it undoes nothing. Cancelled before: the same answer, the first reason stands. Ended: `illegal_transition`. */
    cancel: (runId: string, request: { reason: string }) => send<Run>(of(runId, "/cancel"), { method: "POST", body: request }),
    /** What compensating would undo, or is undoing, newest first. Changes nothing. */
    compensation: (runId: string, signal?: AbortSignal) => send<CompensationPlan>(of(runId, "/compensation"), { signal }),
    /** Undoes what the run did, newest first. Asked twice, it is done once; a live run is `illegal_transition`. */
    compensate: (runId: string, request: { reason: string }) => send<Run>(of(runId, "/compensate"), { method: "POST", body: request }),
    /** The same id again arms it anew. */
    setTimer: (runId: string, timerId: string, request: TimerRequest) => send<Timer>(timerOf(runId, timerId), { method: "PUT", body: request }),
    /** One that fired is `illegal_transition`, and says so. */
    cancelTimer: (runId: string, timerId: string) => send<Timer>(timerOf(runId, timerId), { method: "DELETE" }),
    /** Works `lifeMs` long: 30 days when it is left out, 366 at most. */
    progressLink: (runId: string, request: { lifeMs?: number } = {}) => send<ProgressLink>(of(runId, "/progress-link"), { method: "POST", body: request }),
  };
}

function headersOf({ idempotencyKey }: Once): Record<string, string> {
  return idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
}
