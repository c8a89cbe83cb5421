import { invalidInput, newId, TapeError } from "@tape/core";
import { toTapeError } from "@tape/store";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ZodError } from "zod";
import type { Logger } from "../log.ts";

/** Any error as the one body of DESIGN §8. What nobody expected is logged under an id, and only the id is told. */
export function answerError(log: Logger) {
  return (error: Error, c: Context): Response => {
    const known = toKnown(error) ?? unexpected(error, c, log);
    const { retryAfterS } = known.details ?? {};
    if (typeof retryAfterS === "number") c.header("retry-after", String(retryAfterS));
    if (known.code === "unauthenticated") c.header("www-authenticate", 'Bearer realm="tape"');
    return c.json(known.toBody(), known.status as ContentfulStatusCode);
  };
}

export function answerNotFound(c: Context): Response {
  const error = new TapeError("not_found", `There is no ${c.req.raw.method} ${c.req.path}. /api/v1/openapi.json lists what there is.`);
  return c.json(error.toBody(), 404);
}

/** For requests whose path, query, header or body does not parse: says which, and each field. */
export function refuseInvalid(result: { success: boolean; target?: string; error?: unknown }): void {
  if (!result.success) throw invalidInput(result.error as ZodError, PLACES[result.target ?? ""] ?? "input");
}

const PLACES: Record<string, string> = { json: "body", query: "query", param: "path", header: "header" };

function toKnown(error: Error): TapeError | null {
  const known = toTapeError(error);
  if (known instanceof TapeError) return known;
  if (isPrismaAway(error)) return new TapeError("unavailable", "The database cannot be reached. Try again in a moment.", undefined, { cause: error });
  if (!(error instanceof HTTPException)) return null;
  if (error.status === 413) return new TapeError("payload_too_large", error.message);
  if (error.status === 415) return new TapeError("invalid_input", "body: send JSON with the header content-type: application/json");
  return error.status === 400 ? new TapeError("invalid_input", "body: is not valid JSON") : null;
}

/** Prisma says with codes P1001 to P1017 that it cannot talk to the database, or names the driver's failure as its cause. */
function isPrismaAway(error: Error & { code?: unknown; cause?: unknown }): boolean {
  if (typeof error.code === "string" && /^P10\d\d$/.test(error.code)) return true;
  const kind = (error.cause as { kind?: unknown } | undefined)?.kind;
  return kind === "DatabaseNotReachable" || kind === "ConnectionClosed" || kind === "SocketTimeout";
}

function unexpected(error: Error, c: Context, log: Logger): TapeError {
  const id = newId("rec");
  log.error({ err: error, id, method: c.req.raw.method, path: c.req.path }, "a request failed in a way nobody expected");
  return new TapeError("internal", `Something went wrong in the server. Its log has the details under ${id}.`, { id });
}
