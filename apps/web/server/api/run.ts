import { listOf, pageRequest, reasonRequest, runFilter, startRunRequest, RUN_STATUSES, type Run } from "@tape/core";
import { createRoute, z } from "@hono/zod-openapi";
import { cancelRun, compensateRun, compensationPlan, getRun, listRuns, redriveRun, startRun } from "@tape/store";
import { appOf } from "./app-of.ts";
import { answer, answers, byId, forAll, forRole, refusals, resource, takes, type ApiOptions } from "./resource.ts";
import { CompensationPlan, idempotencyHeaders, many, RunSummary, StartedRun, Run as RunSchema } from "./wire.ts";

const list = createRoute({
  ...forAll,
  method: "get",
  path: "/runs",
  summary: "Runs, newest first",
  request: { query: runFilter.extend({ status: many(z.enum(RUN_STATUSES)) }).extend(pageRequest.shape) },
  responses: answers(listOf(RunSummary), "A page of runs without their bodies"),
});

const get = createRoute({ ...forAll, method: "get", path: "/runs/{id}", summary: "One run", request: { params: byId }, responses: answers(RunSchema, "The run") });

const start = createRoute({
  ...forRole("operator", "start a run"),
  method: "post",
  path: "/runs",
  summary: "Start a run, or find the one of this invocation",
  request: { headers: idempotencyHeaders, body: takes(startRunRequest) },
  responses: { 200: answer(StartedRun, "The run that has this invocation already"), 201: answer(StartedRun, "A new run"), ...refusals },
});

const redrive = createRoute({
  ...forRole("operator", "drive a run again"),
  method: "post",
  path: "/runs/{id}/redrive",
  summary: "Drive a waiting or stuck run again",
  request: { params: byId, body: takes(reasonRequest) },
  responses: answers(RunSchema, "The run, RUNNABLE"),
});

const cancel = createRoute({
  ...forRole("operator", "cancel a run"),
  method: "post",
  path: "/runs/{id}/cancel",
  summary: "Cancel a run for good; nothing is undone by it",
  request: { params: byId, body: takes(reasonRequest) },
  responses: answers(RunSchema, "The run, CANCELLED; `settledAt` is set once its driver has left"),
});

const plan = createRoute({
  ...forAll,
  method: "get",
  path: "/runs/{id}/compensation",
  summary: "What compensating a run would undo, newest first, before anything is",
  request: { params: byId },
  responses: answers(CompensationPlan, "The plan, with its sums"),
});

const compensate = createRoute({
  ...forRole("operator", "compensate a run"),
  method: "post",
  path: "/runs/{id}/compensate",
  summary: "Undo what an ended run did, newest first",
  request: { params: byId, body: takes(reasonRequest) },
  responses: answers(RunSchema, "The run, COMPENSATING"),
});

export function runRoutes({ store }: ApiOptions) {
  return resource()
    .openapi(list, async (c) => {
      const { cursor, limit, ...filter } = c.req.valid("query");
      return c.json(await listRuns(store, { filter, cursor, limit }), 200);
    })
    .openapi(get, async (c) => c.json(await getRun(store, { id: c.req.valid("param").id }), 200))
    .openapi(start, async (c) => {
      const { actor } = c.var.identity;
      const request = c.req.valid("json");
      const { run, resumed } = await startRun(store, {
        ...request,
        idempotencyKey: c.req.valid("header")["idempotency-key"],
        app: await appOf(store, request.agent),
        startedBy: actor.id,
        source: actor.source,
      });
      const answered: Run & { resumed: boolean } = { ...run, resumed };
      return resumed ? c.json(answered, 200) : c.json(answered, 201);
    })
    .openapi(redrive, async (c) => {
      const { actor } = c.var.identity;
      return c.json(await redriveRun(store, { id: c.req.valid("param").id, reason: c.req.valid("json").reason, actor }), 200);
    })
    .openapi(cancel, async (c) => {
      const { actor } = c.var.identity;
      return c.json(await cancelRun(store, { id: c.req.valid("param").id, reason: c.req.valid("json").reason, actor }), 200);
    })
    .openapi(plan, async (c) => c.json(await compensationPlan(store, { id: c.req.valid("param").id }), 200))
    .openapi(compensate, async (c) => {
      const { actor } = c.var.identity;
      return c.json(await compensateRun(store, { id: c.req.valid("param").id, reason: c.req.valid("json").reason, actor }), 200);
    });
}
