import type { JsonSchema } from "@tape/core/testing/rubbish";
import { z } from "zod";
import type { World } from "./world.ts";

/** One route as the OpenAPI document describes it, with its references followed as far as a body is asked for. */
export interface Described {
  /** In capitals. */
  method: string;
  /** As the document has it: `/runs/{id}`. */
  path: string;
  queries: { name: string; schema: JsonSchema }[];
  headers: string[];
  body: JsonSchema | null;
  /** The schema of what it answers with this status; null where the document has none. */
  answer(status: number): z.ZodType | null;
}

interface Operation {
  parameters?: { in: string; name: string; schema?: JsonSchema }[];
  requestBody?: { content?: Record<string, { schema?: JsonSchema }> };
  responses: Record<string, { content?: Record<string, { schema?: object }> }>;
}

/** Every route there is: the document says so itself. */
export async function readDescribed(world: World): Promise<Described[]> {
  const { body } = await world.ask("viewer", "GET", "/api/v1/openapi.json");
  const text = JSON.stringify(body).replaceAll("#/components/schemas/", "#/$defs/");
  const { paths, components } = JSON.parse(text) as { paths: Record<string, Record<string, Operation>>; components: { schemas: object } };
  return Object.entries(paths).flatMap(([path, operations]) => Object.entries(operations).map(([method, operation]) => describedBy(method.toUpperCase(), path, operation, components.schemas)));
}

function describedBy(method: string, path: string, { parameters = [], requestBody, responses }: Operation, $defs: object): Described {
  const answers = new Map<number, z.ZodType | null>();
  return {
    method,
    path,
    queries: parameters.filter((one) => one.in === "query").map(({ name, schema = {} }) => ({ name, schema })),
    headers: parameters.filter((one) => one.in === "header").map(({ name }) => name),
    body: requestBody?.content?.["application/json"]?.schema ?? null,
    answer(status) {
      const known = answers.get(status);
      if (known !== undefined) return known;
      const schema = responses[String(status)]?.content?.["application/json"]?.schema;
      const made = schema ? z.fromJSONSchema({ ...schema, $defs } as Parameters<typeof z.fromJSONSchema>[0]) : null;
      answers.set(status, made);
      return made;
    },
  };
}
