import type { ApiToken, Page, Role } from "@tape/core";
import type { Send } from "./request.ts";

export function tokenRoutes(send: Send) {
  return {
    list: (signal?: AbortSignal) => send<Page<ApiToken>>("/api/v1/tokens", { signal }),
    /** `secret` is shown once and kept nowhere. */
    create: (request: { name: string; role: Role; expiresAt?: string }) =>
      send<ApiToken & { secret: string }>("/api/v1/tokens", { method: "POST", body: request }),
    revoke: (tokenId: string) => send<void>(`/api/v1/tokens/${encodeURIComponent(tokenId)}`, { method: "DELETE" }),
  };
}
