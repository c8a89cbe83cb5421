import type { PrismaClient } from "@tape/prisma/client";
// Without the query builder of the full entry: 20 MB and half a second less.
import { betterAuth } from "better-auth/minimal";
import { prismaAdapter } from "better-auth/adapters/prisma";
import type { Logger } from "../log.ts";
import { oneTimeLink } from "./one-time-link.ts";

const DAY_S = 24 * 60 * 60;

export interface AuthOptions {
  prisma: PrismaClient;
  secret: string;
  /** Where the console stands. */
  url: string;
  log: Logger;
}

/**
 * Sessions in the database, a week long, prolonged daily. Nothing is cached in the cookie, so a revoked one ends at once.
 * None of better-auth's routes is reachable: ours call its functions.
 */
export function createAuth({ prisma, secret, url, log }: AuthOptions) {
  return betterAuth({
    appName: "Tape",
    baseURL: url,
    secret,
    database: prismaAdapter(prisma, { provider: "postgresql", transaction: true }),
    plugins: [oneTimeLink],
    user: { additionalFields: { role: { type: "string", input: false, required: true, defaultValue: "viewer" } } },
    session: { expiresIn: 7 * DAY_S, updateAge: DAY_S, cookieCache: { enabled: false } },
    advanced: {
      cookiePrefix: "tape",
      // `http/cookies.ts` adds Secure per request: one server may be reached both ways.
      useSecureCookies: false,
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", path: "/" },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: "warn", log: (level, message, ...details) => log[level]({ details }, `better-auth: ${message}`) },
  });
}

export type Auth = ReturnType<typeof createAuth>;
