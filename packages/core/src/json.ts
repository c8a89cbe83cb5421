import { z } from "zod";

/** Any JSON value. Payloads are checked for size and shape where they enter, not again inside. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;

/** The largest request, response, payload or value that is stored, in bytes of its JSON text (UTF-8). */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Instants on the wire: ISO 8601, UTC, milliseconds. */
export const instant = z.iso.datetime();
