import type { Gate, GateDecisionRequest, GateExtensionRequest, GateStatus, Page } from "@tape/core";
import type { Send } from "./request.ts";
import type { PageAsk } from "./runs.ts";

export function gateRoutes(send: Send) {
  const of = (gateId: string, rest = "") => `/api/v1/gates/${encodeURIComponent(gateId)}${rest}`;
  return {
    list: (ask: PageAsk & { status?: GateStatus; assignee?: "me" } = {}, signal?: AbortSignal) =>
      send<Page<Gate>>("/api/v1/gates", { query: { ...ask }, signal }),
    get: (gateId: string, signal?: AbortSignal) => send<Gate>(of(gateId), { signal }),
    /** First decision wins: later ones are `already_decided`, one on other words is `fingerprint_mismatch`. */
    decide: (gateId: string, request: GateDecisionRequest) => send<Gate>(of(gateId, "/decision"), { method: "POST", body: request }),
    /** Its deadline becomes `forMs` from now. For those who may decide it, and operators. */
    extend: (gateId: string, request: GateExtensionRequest) => send<Gate>(of(gateId, "/extension"), { method: "POST", body: request }),
  };
}
