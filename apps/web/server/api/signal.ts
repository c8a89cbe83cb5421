import { createRoute, z } from "@hono/zod-openapi";
import { signalRequest } from "@tape/core";
import { sendSignal } from "@tape/store";
import { answers, byId, forRole, resource, takes, type ApiOptions } from "./resource.ts";
import { idempotencyHeaders } from "./wire.ts";

const SentSignal = z.object({ signalId: z.string(), runId: z.string(), name: z.string(), repeated: z.boolean() }).openapi("SentSignal");

const send = createRoute({
  ...forRole("operator", "send a signal"),
  method: "post",
  path: "/runs/{id}/signals",
  summary: "Send a named message to a run",
  request: { params: byId, headers: idempotencyHeaders, body: takes(signalRequest) },
  responses: answers(SentSignal, "It is in the run's journal; `repeated` when this key was sent before"),
});

export function signalRoutes({ store }: ApiOptions) {
  return resource().openapi(send, async (c) => {
    const { actor } = c.var.identity;
    const idempotencyKey = c.req.valid("header")["idempotency-key"];
    return c.json(await sendSignal(store, { ...c.req.valid("json"), runId: c.req.valid("param").id, by: actor.id, actor, idempotencyKey }), 200);
  });
}
