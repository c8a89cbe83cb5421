import { createRoute, z } from "@hono/zod-openapi";
import { listOf } from "@tape/core";
import { readJournal } from "@tape/store";
import { answers, byId, forAll, resource, type ApiOptions } from "./resource.ts";
import { Entry } from "./wire.ts";

const MOST_SEQ = 2_147_483_647;

const journal = createRoute({
  ...forAll,
  method: "get",
  path: "/runs/{id}/journal",
  summary: "A run's entries, in order",
  request: {
    params: byId,
    query: z.object({
      /** Exclusive: the last one you have, 0 for all. */
      fromSeq: z.coerce.number().int().min(0).max(MOST_SEQ).default(0),
      cursor: z.string().regex(/^\d{1,10}$/, "take it from nextCursor of the page before").optional(),
      limit: z.coerce.number().int().min(1).max(500).default(200),
    }),
  },
  responses: answers(listOf(Entry), "Entries after `fromSeq`; nextCursor is the last one's seq while more follow"),
});

export function journalRoutes({ store }: ApiOptions) {
  return resource().openapi(journal, async (c) => {
    const { fromSeq, cursor, limit } = c.req.valid("query");
    const from = cursor === undefined ? fromSeq : Math.min(Number(cursor), MOST_SEQ);
    return c.json(await readJournal(store, { runId: c.req.valid("param").id, fromSeq: from, limit }), 200);
  });
}
