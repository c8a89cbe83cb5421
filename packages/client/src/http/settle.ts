import type { Effect, EffectStatus, Obligation, ObligationStatus, Page } from "@tape/core";
import type { Send } from "./request.ts";
import type { PageAsk } from "./runs.ts";

export interface EffectResolution {
  /** It happened; it did not; send it again. */
  outcome: "confirmed" | "failed" | "retry";
  reason: string;
  result?: unknown;
}

export interface ObligationResolution {
  outcome: "done" | "retry" | "waived";
  reason: string;
}

export function effectRoutes(send: Send) {
  return {
    list: (ask: PageAsk & { status?: EffectStatus } = {}, signal?: AbortSignal) =>
      send<Page<Effect>>("/api/v1/effects", { query: { ...ask }, signal }),
    resolve: (effectId: string, request: EffectResolution) =>
      send<Effect>(`/api/v1/effects/${encodeURIComponent(effectId)}/resolution`, { method: "POST", body: request }),
  };
}

export function obligationRoutes(send: Send) {
  return {
    list: (ask: PageAsk & { status?: ObligationStatus } = {}, signal?: AbortSignal) =>
      send<Page<Obligation>>("/api/v1/obligations", { query: { ...ask }, signal }),
    resolve: (obligationId: string, request: ObligationResolution) =>
      send<Obligation>(`/api/v1/obligations/${encodeURIComponent(obligationId)}/resolution`, { method: "POST", body: request }),
  };
}
