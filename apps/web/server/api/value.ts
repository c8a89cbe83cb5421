import { createRoute, z } from "@hono/zod-openapi";
import { listOf, pageRequest, TapeError, valueRequest, type Value as CoreValue } from "@tape/core";
import { deleteValue, getValue, listNamespaces, listValues, setValue, valueHistory, type Store } from "@tape/store";
import { identify, type Surroundings } from "../auth/identity.ts";
import type { Streams } from "../http/streams.ts";
import type { Rooms } from "../live/rooms.ts";
import { etagOf, ifMatchOf, ifNotLiveOf, isKnown } from "./etag.ts";
import { answer, answers, forAll, forRole, refusals, resource, takes } from "./resource.ts";
import { Namespace, Value, ValueChange } from "./wire.ts";
import { followValue } from "./value-stream.ts";

const name = z.string().max(1_000);
const byName = z.object({ namespace: name.openapi({ description: "Percent-encoded: `runs%2Frun_…`." }), key: name });
/** As a version is kept: whole, and within what a number holds exactly. */
const version = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const operator = forRole("operator", "write values");
const tagged = { headers: z.object({ etag: z.string().openapi({ description: 'Its version: `"3"`.' }) }) };

const list = createRoute({
  ...forAll,
  method: "get",
  path: "/values",
  summary: "The live values of a namespace; without one, the namespaces",
  request: { query: pageRequest.extend({ namespace: name.optional(), prefix: name.optional().openapi({ description: "Of namespaces: only those that begin with it." }) }) },
  responses: answers(z.union([listOf(Value), listOf(Namespace)]), "A page of values, or of namespaces"),
});

const get = createRoute({
  ...forAll,
  method: "get",
  path: "/values/{namespace}/{key}",
  summary: "A live value",
  request: { params: byName, headers: z.object({ "if-none-match": z.string().optional() }) },
  responses: { 200: { ...answer(Value, "The value, its version as ETag"), ...tagged }, 304: { description: "You have this version", ...tagged }, ...refusals },
});

const put = createRoute({
  ...operator,
  method: "put",
  path: "/values/{namespace}/{key}",
  summary: "Write the next version of a value",
  request: {
    params: byName,
    headers: z.object({
      "if-match": z.string().optional().openapi({ description: 'Only over this version: `"3"`; `*`: only over a live one.' }),
      "if-none-match": z.string().optional().openapi({ description: "`*`: only if none is live." }),
    }),
    body: takes(valueRequest),
  },
  responses: { 200: { ...answer(Value, "The value as it was written"), ...tagged }, 201: { ...answer(Value, "Its first version"), ...tagged }, ...refusals },
});

const remove = createRoute({
  ...operator,
  method: "delete",
  path: "/values/{namespace}/{key}",
  summary: "Delete a live value; that is a version of its own",
  request: { params: byName, headers: z.object({ "if-match": z.string().optional().openapi({ description: 'Only this version: `"3"`.' }) }) },
  responses: { 200: { ...answer(Value, "What was left: a version that says deleted"), ...tagged }, ...refusals },
});

const history = createRoute({
  ...forAll,
  method: "get",
  path: "/values/{namespace}/{key}/history",
  summary: "The versions of a value that are kept, the latest first",
  request: { params: byName, query: pageRequest.pick({ limit: true }).extend({ beforeVersion: version.optional(), cursor: z.string().regex(/^\d{1,15}$/, "take it from nextCursor of the page before").optional() }) },
  responses: answers(listOf(Value), "A page of versions, deletions included"),
});

const watch = createRoute({
  ...forAll,
  method: "get",
  path: "/values/{namespace}/{key}/watch",
  summary: "Every version after one, and each new one as it is written, as server-sent events",
  request: {
    params: byName,
    query: z.object({ fromVersion: version.default(0).openapi({ description: "Exclusive: the last version you have, 0 for all that are kept." }) }),
    headers: z.object({ "last-event-id": z.string().regex(/^\d{0,15}$/, "is the version of the last event").optional().openapi({ description: "Wins over `fromVersion`." }) }),
  },
  responses: { 200: { description: "Events `value`, their id the version, their data a change of the value", content: { "text/event-stream": { schema: ValueChange } } }, ...refusals },
});

export interface ValueOptions extends Surroundings {
  rooms: Rooms;
  streams: Streams;
}

export function valueRoutes({ store, auth, rooms, streams }: ValueOptions) {
  return resource()
    .openapi(list, async (c) => {
      const { namespace, prefix, cursor, limit } = c.req.valid("query");
      if (namespace === undefined) return c.json(await listNamespaces(store, { prefix, cursor, limit }), 200);
      return c.json(await listValues(store, { namespace, cursor, limit }), 200);
    })
    .openapi(get, async (c) => {
      const { namespace, key } = c.req.valid("param");
      const found = await getValue(store, { namespace, key });
      if (found === null || found.deleted) throw notLive(namespace, key, found);
      c.header("etag", etagOf(found));
      return isKnown(c.req.valid("header")["if-none-match"], found) ? c.body(null, 304) : c.json(found, 200);
    })
    .openapi(put, async (c) => {
      const headers = c.req.valid("header");
      const { actor } = c.var.identity;
      const write = { ...c.req.valid("param"), value: c.req.valid("json").value, writer: actor.id, actor };
      const over = ifMatchOf(headers["if-match"]);
      const ifNotLive = ifNotLiveOf(headers["if-none-match"]);
      const written = over === "*" ? await overLive(store, write) : await setValue(store, { ...write, ...(over !== null && { ifVersion: over }), ifNotLive });
      c.header("etag", etagOf(written));
      return written.version === 1 ? c.json(written, 201) : c.json(written, 200);
    })
    .openapi(remove, async (c) => {
      const { actor } = c.var.identity;
      const over = ifMatchOf(c.req.valid("header")["if-match"]);
      // Any live one is what a deletion asks for anyway.
      const deleted = await deleteValue(store, { ...c.req.valid("param"), writer: actor.id, actor, ...(typeof over === "number" && { ifVersion: over }) });
      c.header("etag", etagOf(deleted));
      return c.json(deleted, 200);
    })
    .openapi(history, async (c) => {
      const { beforeVersion, cursor, limit } = c.req.valid("query");
      const before = cursor === undefined ? beforeVersion : Number(cursor);
      return c.json(await valueHistory(store, { ...c.req.valid("param"), limit, ...(before !== undefined && { beforeVersion: before }) }), 200);
    })
    .openapi(watch, async (c) => {
      const { namespace, key } = c.req.valid("param");
      const lastEventId = c.req.valid("header")["last-event-id"];
      // Refuses what no value can be called, before anything is answered.
      await getValue(store, { namespace, key });
      const { headers, method } = c.req.raw;
      if (method === "HEAD") return c.body(null, 200);
      return followValue(streams, rooms.value(namespace, key), {
        fromVersion: lastEventId === undefined || lastEventId === "" ? c.req.valid("query").fromVersion : Number(lastEventId),
        holder: JSON.stringify(c.var.identity.credential),
        holds: async () => (await identify({ store, auth }, headers)) !== null,
      });
    });
}

function notLive(namespace: string, key: string, found: CoreValue | null): TapeError {
  const what = `${namespace} / ${key}`;
  const message = found === null ? `There is no value ${what}.` : `${what} was deleted, as version ${found.version}. Its history is under /history.`;
  return new TapeError("not_found", message, { namespace, key, version: found?.version ?? 0 });
}

/** Writes over whatever live version there is: of two that meet, each is written over the other. */
async function overLive(store: Store, write: Parameters<typeof setValue>[1]): Promise<CoreValue> {
  for (;;) {
    const present = await getValue(store, write);
    if (present === null || present.deleted) {
      const { namespace, key } = write;
      throw new TapeError("version_conflict", `${namespace} / ${key} is not live, and was to be written only over a live version.`, { namespace, key, version: present?.version ?? 0, live: false });
    }
    try {
      return await setValue(store, { ...write, ifVersion: present.version });
    } catch (error) {
      if (!TapeError.is(error, "version_conflict")) throw error;
    }
  }
}
