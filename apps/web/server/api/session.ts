import { createRoute } from "@hono/zod-openapi";
import type { Auth } from "../auth/auth.ts";
import { withSecure } from "../http/cookies.ts";
import { TapeError } from "@tape/core";
import { forAll, refusals, resource } from "./resource.ts";
import type { Context } from "hono";
import type { Guarded } from "../auth/guard.ts";

const nothing = (description: string) => ({ 204: { description }, ...refusals });

const signOut = createRoute({ ...forAll, method: "post", path: "/auth/sign-out", summary: "End this session", responses: nothing("The session has ended; its sockets drop within seconds") });
const signOutEverywhere = createRoute({ ...forAll, method: "post", path: "/auth/sign-out-everywhere", summary: "End every session of yours", responses: nothing("All of them have ended") });

export function sessionRoutes(auth: Auth) {
  return resource()
    .openapi(signOut, async (c) => {
      onlySession(c);
      const { headers } = await auth.api.signOut({ headers: c.req.raw.headers, returnHeaders: true });
      return ended(c, headers);
    })
    .openapi(signOutEverywhere, async (c) => {
      onlySession(c);
      await auth.api.revokeSessions({ headers: c.req.raw.headers });
      const { headers } = await auth.api.signOut({ headers: c.req.raw.headers, returnHeaders: true });
      return ended(c, headers);
    });
}

function onlySession(c: Context<Guarded>): void {
  if (c.var.identity.credential.kind === "session") return;
  throw new TapeError("illegal_transition", "A token has no session to end. An admin revokes it with DELETE /api/v1/tokens/:id.");
}

function ended(c: Context<Guarded>, answered: Headers) {
  for (const cookie of answered.getSetCookie()) c.header("set-cookie", withSecure(cookie, c.req.raw.headers, c.req.url), { append: true });
  return c.body(null, 204);
}
