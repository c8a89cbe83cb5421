import type { AgentInfo, AuditRecord, Me, Page, SystemStatus, WorkerInfo } from "@tape/core";
import { gateRoutes } from "./gates.ts";
import { createOpen, createSend, type Connection } from "./request.ts";
import { runRoutes, type PageAsk } from "./runs.ts";
import { effectRoutes, obligationRoutes } from "./settle.ts";
import { sinkRoutes } from "./sinks.ts";
import { tokenRoutes } from "./tokens.ts";
import { valueRoutes } from "./values.ts";

/** Every route of the HTTP API as a typed call. Errors are `TapeError`: match on `code`. */
export function createClient(connection: Connection) {
  const open = createOpen(connection);
  const send = createSend(open);
  return {
    runs: runRoutes(send),
    gates: gateRoutes(send),
    effects: effectRoutes(send),
    obligations: obligationRoutes(send),
    values: valueRoutes(send, open),
    sinks: sinkRoutes(send),
    tokens: tokenRoutes(send),
    me: (signal?: AbortSignal) => send<Me>("/api/v1/me", { signal }),
    system: (signal?: AbortSignal) => send<SystemStatus & { serverTime: string }>("/api/v1/system", { signal }),
    agents: (signal?: AbortSignal) => send<Page<AgentInfo>>("/api/v1/agents", { signal }),
    workers: (signal?: AbortSignal) => send<Page<WorkerInfo>>("/api/v1/workers", { signal }),
    audit: (ask: PageAsk = {}, signal?: AbortSignal) => send<Page<AuditRecord>>("/api/v1/audit", { query: { ...ask }, signal }),
    signOut: () => send<void>("/api/v1/auth/sign-out", { method: "POST" }),
  };
}

export type TapeClient = ReturnType<typeof createClient>;
