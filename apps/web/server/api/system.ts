import { createRoute, z } from "@hono/zod-openapi";
import { listOf, pageRequest, type SystemStatus as Counts } from "@tape/core";
import { listAgents, listAudit, listWorkers, serverTime } from "@tape/store";
import { toMe } from "../auth/identity.ts";
import { answers, forAll, resource, type ApiOptions } from "./resource.ts";
import { AgentInfo, AuditRecord, Me, SystemStatus, WorkerInfo } from "./wire.ts";

const system = createRoute({ ...forAll, method: "get", path: "/system", summary: "What waits and what is wrong, counted", responses: answers(SystemStatus, "The counts, and the database's time") });
const agents = createRoute({ ...forAll, method: "get", path: "/agents", summary: "Agents that live workers have loaded", responses: answers(listOf(AgentInfo), "The agents") });
const workers = createRoute({ ...forAll, method: "get", path: "/workers", summary: "Workers and whether they are alive", responses: answers(listOf(WorkerInfo), "The workers") });
const me = createRoute({ ...forAll, method: "get", path: "/me", summary: "Who you are here", responses: answers(Me, "You") });
const audit = createRoute({
  ...forAll,
  method: "get",
  path: "/audit",
  summary: "What people did, the latest first",
  request: { query: pageRequest.extend({ runId: z.string().max(300).optional() }) },
  responses: answers(listOf(AuditRecord), "A page of the audit log"),
});

/** `status` may be as old as the server keeps it; the time is the database's of now. */
export function systemRoutes({ store, status }: ApiOptions & { status: () => Promise<Counts> }) {
  return resource()
    .openapi(system, async (c) => {
      const [counts, time] = await Promise.all([status(), serverTime(store)]);
      return c.json({ ...counts, serverTime: time }, 200);
    })
    .openapi(agents, async (c) => c.json({ items: await listAgents(store), nextCursor: null }, 200))
    .openapi(workers, async (c) => c.json({ items: await listWorkers(store), nextCursor: null }, 200))
    .openapi(me, (c) => c.json(toMe(c.var.identity), 200))
    .openapi(audit, async (c) => c.json(await listAudit(store, c.req.valid("query")), 200));
}
