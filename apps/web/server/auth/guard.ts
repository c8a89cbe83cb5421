import { TapeError, type Role } from "@tape/core";
import { requireRole } from "@tape/store";
import { createMiddleware } from "hono/factory";
import { addressOf, IN_PROCESS } from "../http/address.ts";
import { withSecure } from "../http/cookies.ts";
import type { Limiter } from "../http/limiter.ts";
import { isForeignOrigin } from "../http/origin.ts";
import { identify, type Identity, type Surroundings } from "./identity.ts";

/** What a guarded route knows. */
export interface Guarded {
  Variables: { identity: Identity };
}

const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Lets through who has a token or a session, and only pages of ours where a cookie changes something.
 *
 * @throws {TapeError} `unauthenticated`, `forbidden` for a foreign Origin, `rate_limited` after many wrong credentials.
 */
export function guard(surroundings: Surroundings, limiter: Limiter) {
  return createMiddleware<Guarded>(async (c, next) => {
    const { headers, method } = c.req.raw;
    const identity = await identify(surroundings, headers, { prolongs: addressOf(c) !== IN_PROCESS });
    if (!identity) {
      if (headers.has("authorization")) limiter.failed(addressOf(c));
      throw new TapeError("unauthenticated", "Sign in with a one-time link (npm run -s tape -- sign-in), or send a token as Authorization: Bearer.");
    }
    if (identity.credential.kind === "session" && !READS.has(method) && isForeignOrigin(headers.get("origin") ?? "", headers.get("host"))) {
      throw new TapeError("forbidden", "A change by session must come from a page of this console: its Origin must be this host. Programs send a token.");
    }
    c.set("identity", { ...identity, actor: { ...identity.actor, source: addressOf(c) } });
    for (const cookie of identity.setCookies) c.header("set-cookie", withSecure(cookie, headers, c.req.url), { append: true });
    await next();
  });
}

/** Only for this role and those above it. */
export function needs(role: Role, toDo: string) {
  return createMiddleware<Guarded>(async (c, next) => {
    requireRole(c.var.identity.actor, role, toDo);
    await next();
  });
}
