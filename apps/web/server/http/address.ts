import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";

/** The address of calls by our own server components. */
export const IN_PROCESS = "in process";

/** Where a request came from. */
export function addressOf(c: Context): string {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  return incoming?.socket.remoteAddress ?? IN_PROCESS;
}
