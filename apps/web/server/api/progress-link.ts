import { createRoute, z } from "@hono/zod-openapi";
import { instant } from "@tape/core";
import { appendAudit, getRun, inTransaction, serverTime } from "@tape/store";
import { DEFAULT_LIFE_MS, MOST_LIFE_MS, type Links } from "../embed/links.ts";
import { outwardOrigin } from "../http/origin.ts";
import { answers, byId, forRole, resource, takes, type ApiOptions } from "./resource.ts";

const ProgressLink = z.object({ url: z.url(), expiresAt: instant }).openapi("ProgressLink");

const create = createRoute({
  ...forRole("operator", "share a run's progress"),
  method: "post",
  path: "/runs/{id}/progress-link",
  summary: "A link to a page that shows how far this run is, for whoever has it, and nothing else of it",
  request: {
    params: byId,
    body: { ...takes(z.object({ lifeMs: z.int().min(1_000).max(MOST_LIFE_MS).default(DEFAULT_LIFE_MS).openapi({ description: "Default 30 days, at most 366." }) })), required: false },
  },
  responses: answers(ProgressLink, "The link, and until when it opens"),
});

export function progressLinkRoutes({ store, links }: ApiOptions & { links: Links }) {
  return resource().openapi(create, async (c) => {
    const { id } = c.req.valid("param");
    const lifeMs = (c.req.valid("json") as { lifeMs?: number }).lifeMs ?? DEFAULT_LIFE_MS;
    const { actor } = c.var.identity;
    const [run, now] = await Promise.all([getRun(store, { id }), serverTime(store)]);
    const expiresAtMs = Date.parse(now) + lifeMs;
    const expiresAt = new Date(expiresAtMs).toISOString();
    await inTransaction(store, (tx) => appendAudit(tx, { actor: actor.id, action: "run.share_progress", target: run.id, runId: run.id, details: { expiresAt }, source: actor.source }));
    const url = new URL(`/embed/progress/${run.id}`, outwardOrigin(c.req.raw.headers, c.req.url));
    url.searchParams.set("token", links.sign(run.id, expiresAtMs));
    return c.json({ url: url.href, expiresAt }, 200);
  });
}
