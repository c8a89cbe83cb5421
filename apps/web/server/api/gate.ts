import { createRoute, z } from "@hono/zod-openapi";
import { GATE_STATUSES, gateDecisionRequest, gateExtensionRequest, listOf, pageRequest } from "@tape/core";
import { decideGate, extendGate, getGate, listGates } from "@tape/store";
import { answers, byId, forAll, resource, takes, type ApiOptions } from "./resource.ts";
import { Gate } from "./wire.ts";

const list = createRoute({
  ...forAll,
  method: "get",
  path: "/gates",
  summary: "Gates: open ones oldest first, closed ones from the latest back",
  request: {
    query: pageRequest.extend({
      status: z.enum(GATE_STATUSES).optional().openapi({ description: "Default OPEN." }),
      assignee: z.literal("me").optional().openapi({ description: "Only those that you may decide." }),
    }),
  },
  responses: answers(listOf(Gate), "A page of gates"),
});

const get = createRoute({ ...forAll, method: "get", path: "/gates/{id}", summary: "One gate", request: { params: byId }, responses: answers(Gate, "The gate") });

const decide = createRoute({
  ...forAll,
  method: "post",
  path: "/gates/{id}/decision",
  summary: "Approve or reject; the first decision wins",
  request: { params: byId, body: takes(gateDecisionRequest) },
  responses: answers(Gate, "The gate with your decision"),
});

const extend = createRoute({
  ...forAll,
  method: "post",
  path: "/gates/{id}/extension",
  summary: "Give an open gate more time, from now",
  request: { params: byId, body: takes(gateExtensionRequest) },
  responses: answers(Gate, "The gate with its new deadline"),
});

const ofRun = createRoute({
  ...forAll,
  method: "get",
  path: "/runs/{id}/gates",
  summary: "A run's gates, as they were opened",
  request: { params: byId, query: pageRequest },
  responses: answers(listOf(Gate), "Its gates"),
});

/** Who may decide or extend is the store's to judge, after it has seen that there is something to decide (D30). */
export function gateRoutes({ store }: ApiOptions) {
  return resource()
    .openapi(list, async (c) => {
      const { status, assignee, cursor, limit } = c.req.valid("query");
      const { actor } = c.var.identity;
      return c.json(await listGates(store, { status, cursor, limit, ...(assignee && { assignee: actor }) }), 200);
    })
    .openapi(get, async (c) => c.json(await getGate(store, { id: c.req.valid("param").id }), 200))
    .openapi(decide, async (c) => c.json(await decideGate(store, { ...c.req.valid("json"), id: c.req.valid("param").id, actor: c.var.identity.actor }), 200))
    .openapi(extend, async (c) => c.json(await extendGate(store, { ...c.req.valid("json"), id: c.req.valid("param").id, actor: c.var.identity.actor }), 200))
    .openapi(ofRun, async (c) => c.json(await listGates(store, { runId: c.req.valid("param").id }), 200));
}
