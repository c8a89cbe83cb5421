import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Role } from "@tape/core";
import type { Store } from "@tape/store";
import { needs, type Guarded } from "../auth/guard.ts";
import { refuseInvalid } from "../http/errors.ts";
import { ErrorBody } from "./wire.ts";

/** What every resource is given. */
export interface ApiOptions {
  store: Store;
}

/** A router for one resource; its routes are described where they are written. */
export function resource(): OpenAPIHono<Guarded> {
  return new OpenAPIHono<Guarded>({ defaultHook: refuseInvalid });
}

/** The one path parameter of most routes. A malformed id is not an error of its own: there is no such thing. */
export const byId = z.object({ id: z.string().max(300) });

/** Every answer that is no success. */
export const refusals = {
  default: { description: "An error: its code is stable, its message says what to do next.", content: { "application/json": { schema: ErrorBody } } },
} as const;

export function answer<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } } as const;
}

/** 200 with JSON, or a refusal. */
export function answers<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { 200: answer(schema, description), ...refusals } as const;
}

export function takes<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } } as const;
}

/** Of a route that anybody who is known may use. */
export const forAll = { security: [{ token: [] }, { session: [] }] as { [scheme: string]: string[] }[] };

/** Of a route that only this role and those above it may use. */
export function forRole(role: Role, toDo: string) {
  return { ...forAll, description: `Needs the role ${role}.`, middleware: needs(role, toDo) };
}
