import { TapeError } from "@tape/core";
import { isAPIError } from "better-auth/api";
import { Hono, type Context } from "hono";
import { addressOf } from "../http/address.ts";
import { withSecure } from "../http/cookies.ts";
import type { Limiter } from "../http/limiter.ts";
import type { Auth } from "./auth.ts";
import { identify, type Surroundings } from "./identity.ts";
import { refusedPage } from "./sign-in-page.ts";

/**
 * `GET /sign-in?token=` consumes the token, sets the session's cookie and leads to `/`. HEAD looks without consuming:
 * programs that preview links send it.
 */
export function signInRoute(surroundings: Surroundings, limiter: Limiter): Hono {
  const app = new Hono();
  app.get("/sign-in", async (c) => {
    if (c.req.raw.method === "HEAD") return c.body(null, 200);
    const token = c.req.query("token") ?? "";
    if (token === "") return refusedPage(404);
    try {
      const cookies = await consume(surroundings.auth, token, c.req.raw.headers);
      if (cookies) return toConsole(c, cookies);
      // Whoever opens an old link and is signed in already wanted to get here.
      if (await identify(surroundings, c.req.raw.headers)) return toConsole(c, []);
      limiter.failed(addressOf(c));
      return refusedPage(410);
    } catch (error) {
      if (TapeError.is(error, "rate_limited")) return refusedPage(429);
      if (TapeError.is(error, "unavailable")) return refusedPage(503);
      throw error;
    }
  });
  return app;
}

/** The cookies of a new session, or null when the token signs nobody in. */
async function consume(auth: Auth, token: string, headers: Headers): Promise<string[] | null> {
  if (token.length > 200) return null;
  try {
    const { headers: answered } = await auth.api.signInByLink({ body: { token }, headers, returnHeaders: true });
    return answered.getSetCookie();
  } catch (error) {
    if (isAPIError(error) && error.status === "UNAUTHORIZED") return null;
    throw error;
  }
}

function toConsole(c: Context, cookies: string[]): Response {
  for (const cookie of cookies) c.header("set-cookie", withSecure(cookie, c.req.raw.headers, c.req.url), { append: true });
  return c.redirect("/", 303);
}
