import type { Page, Sink } from "@tape/core";
import type { Send } from "./request.ts";

export function sinkRoutes(send: Send) {
  return {
    list: (signal?: AbortSignal) => send<Page<Sink>>("/api/v1/sinks", { signal }),
    resume: (sinkId: string) => send<Sink>(`/api/v1/sinks/${encodeURIComponent(sinkId)}/resume`, { method: "POST" }),
    forget: (sinkId: string) => send<void>(`/api/v1/sinks/${encodeURIComponent(sinkId)}`, { method: "DELETE" }),
  };
}
