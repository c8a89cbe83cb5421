import { z } from "@hono/zod-openapi";
import * as core from "@tape/core";

// Core's schemas under the names the OpenAPI document gives them. What a route answers is typed by core, described by these.

/** `schema.openapi(name)`, for schemas that were made before zod was taught that method. */
function named<Schema extends z.ZodType>(name: string, schema: Schema): Schema {
  const { openapi } = (z.ZodType as unknown as { prototype: { openapi: (this: z.ZodType, name: string) => unknown } }).prototype;
  return openapi.call(schema, name) as Schema;
}

export const Run = named("Run", core.run);
export const RunSummary = named("RunSummary", core.runSummary);
export const StartedRun = named("StartedRun", core.startRunAnswer);
export const Entry = named("Entry", core.entrySchema);
export const Effect = named("Effect", core.effect);
export const Obligation = named("Obligation", core.obligation);
export const Gate = named("Gate", core.gate);
export const Timer = named("Timer", core.timer);
export const Value = named("Value", core.value);
export const ValueChange = named("ValueChange", core.valueChange);
export const Namespace = named("Namespace", z.object({ namespace: z.string(), keys: z.int(), at: core.instant }));
export const CompensationPlan = named("CompensationPlan", core.compensationPlan);
export const AgentInfo = named("Agent", core.agentInfo);
export const WorkerInfo = named("Worker", core.workerInfo);
export const Sink = named("Sink", core.sink);
export const Me = named("Me", core.me);
export const ApiToken = named("ApiToken", core.apiToken);
export const AuditRecord = named("AuditRecord", core.auditRecord);
export const SystemStatus = named("SystemStatus", core.systemStatus.extend({ serverTime: core.instant }));
export const ErrorBody = named("Error", core.errorBody);

/** `?status=A&status=B` and `?status=A,B`. */
export const many = <T extends z.ZodType>(item: T) =>
  z
    .preprocess((value) => (value === undefined ? undefined : [value].flat().flatMap((one) => (typeof one === "string" ? one.split(",") : [one]))), z.array(item).optional())
    .openapi({ type: "array", items: { type: "string" } });

export const idempotencyHeaders = z.object({
  "idempotency-key": z.string().min(1).max(200).optional().openapi({ description: "The same key twice is one request." }),
});
