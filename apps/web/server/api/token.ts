import { createRoute, z } from "@hono/zod-openapi";
import { instant, listOf, pageRequest, role } from "@tape/core";
import { createToken, listTokens, revokeToken } from "@tape/store";
import { answer, answers, byId, forRole, refusals, resource, takes, type ApiOptions } from "./resource.ts";
import { ApiToken } from "./wire.ts";

const admin = forRole("admin", "manage tokens");

const list = createRoute({ ...admin, method: "get", path: "/tokens", summary: "Tokens, without their secrets", request: { query: pageRequest }, responses: answers(listOf(ApiToken), "The tokens") });

const CreatedToken = ApiToken.extend({ secret: z.string() });

const create = createRoute({
  ...admin,
  method: "post",
  path: "/tokens",
  summary: "Make a token for a machine",
  request: { body: takes(z.object({ name: z.string().trim().min(1).max(100), role, expiresAt: instant.optional() })) },
  responses: { 201: answer(CreatedToken, "The token; its secret is told this once"), ...refusals },
});

const revoke = createRoute({
  ...admin,
  method: "delete",
  path: "/tokens/{id}",
  summary: "Revoke a token; its sockets drop within seconds",
  request: { params: byId },
  responses: { 204: { description: "It no longer works" }, ...refusals },
});

export function tokenRoutes({ store }: ApiOptions) {
  return resource()
    .openapi(list, async (c) => c.json({ items: await listTokens(store), nextCursor: null }, 200))
    .openapi(create, async (c) => {
      const { token, record } = await createToken(store, { ...c.req.valid("json"), actor: c.var.identity.actor });
      return c.json({ ...record, secret: token }, 201);
    })
    .openapi(revoke, async (c) => {
      await revokeToken(store, { id: c.req.valid("param").id, actor: c.var.identity.actor });
      return c.body(null, 204);
    });
}
