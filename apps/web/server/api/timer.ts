import { createRoute, z } from "@hono/zod-openapi";
import { listOf, pageRequest, timerRequest } from "@tape/core";
import { cancelTimer, listTimers, setTimer } from "@tape/store";
import { answers, byId, forAll, forRole, resource, takes, type ApiOptions } from "./resource.ts";
import { Timer } from "./wire.ts";

const byTimer = byId.extend({ timerId: z.string().max(1_000) });
const operator = forRole("operator", "set timers");

const ofRun = createRoute({
  ...forAll,
  method: "get",
  path: "/runs/{id}/timers",
  summary: "A run's timers",
  request: { params: byId, query: pageRequest },
  responses: answers(listOf(Timer), "Its timers"),
});

const set = createRoute({
  ...operator,
  method: "put",
  path: "/runs/{id}/timers/{timerId}",
  summary: "Arm a timer; the same id again arms it anew",
  request: { params: byTimer, body: takes(timerRequest) },
  responses: answers(Timer, "The timer, ARMED"),
});

const cancel = createRoute({
  ...operator,
  method: "delete",
  path: "/runs/{id}/timers/{timerId}",
  summary: "Cancel a timer that has not fired",
  request: { params: byTimer },
  responses: answers(Timer, "The timer, CANCELLED"),
});

export function timerRoutes({ store }: ApiOptions) {
  return resource()
    .openapi(ofRun, async (c) => c.json({ items: await listTimers(store, { runId: c.req.valid("param").id }), nextCursor: null }, 200))
    .openapi(set, async (c) => {
      const { id, timerId } = c.req.valid("param");
      const { actor } = c.var.identity;
      return c.json(await setTimer(store, { ...c.req.valid("json"), runId: id, id: timerId, by: actor.id, actor }), 200);
    })
    .openapi(cancel, async (c) => {
      const { id, timerId } = c.req.valid("param");
      const { actor } = c.var.identity;
      return c.json(await cancelTimer(store, { runId: id, id: timerId, by: actor.id, actor }), 200);
    });
}
