import { resolveDatabaseUrl } from "@tape/prisma";
import { z } from "zod";

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

const schema = z.object({
  PORT: z.coerce.number("is not a number").int().min(0).max(65_535).default(3000),
  HOST: z.string().default("127.0.0.1"),
  TAPE_SECRET: z.string().min(32, "needs at least 32 characters: openssl rand -base64 32 makes some").optional(),
  TAPE_EMBED_ORIGINS: z
    .string()
    .default("")
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .pipe(z.array(z.url({ protocol: /^https?$/, error: "holds something that is not an origin like https://example.com" }).transform((url) => new URL(url).origin))),
  TAPE_LOG: z.enum(LOG_LEVELS, { error: `is one of ${LOG_LEVELS.join(", ")}` }).default("info"),
  NODE_ENV: z.string().default("production"),
});

export interface Env {
  databaseUrl: string;
  port: number;
  host: string;
  /** Signs the sessions; when it is not given, one is made once and kept in the database. */
  secret: string | undefined;
  /** Who may show `/embed/…` in a frame. */
  embedOrigins: string[];
  logLevel: (typeof LOG_LEVELS)[number];
  isDevelopment: boolean;
}

/**
 * The process's surroundings, read once. An empty variable is unset (D39).
 *
 * @throws {Error} One line that names the variable and what it should be; or `database_not_running`.
 */
export async function readEnv(env: Record<string, string | undefined>, cwd: string): Promise<Env> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`${String(issue?.path[0])} ${issue?.message ?? "does not fit"}.`);
  }
  const { PORT, HOST, TAPE_SECRET, TAPE_EMBED_ORIGINS, TAPE_LOG, NODE_ENV } = parsed.data;
  return {
    databaseUrl: await resolveDatabaseUrl({ env: given, cwd }),
    port: PORT,
    host: HOST,
    secret: TAPE_SECRET,
    embedOrigins: TAPE_EMBED_ORIGINS,
    logLevel: TAPE_LOG,
    isDevelopment: NODE_ENV === "development",
  };
}
