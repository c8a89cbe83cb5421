import { z } from "zod";

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const surroundings = z.object({
  /** The file that exports the tape and its agents. */
  TAPE_CONFIG: z.string().default("tape.config.ts"),
  /** How long a lease lasts without being renewed (ms). Below a second the clockwork itself would lose it. */
  TAPE_LEASE_TTL_MS: z.coerce.number().int().min(1_000).default(120_000),
  TAPE_LOG: z.enum(LEVELS).default("info"),
});

export interface Env {
  configPath: string;
  leaseTtlMs: number;
  logLevel: (typeof LEVELS)[number];
  /** For `resolveDatabaseUrl`. */
  database: Record<string, string | undefined>;
}

/** The environment, parsed once. An empty variable is an unset one. @throws {Error} one line that names the variable */
export function readEnv(env: Record<string, string | undefined> = process.env): Env {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = surroundings.safeParse(set);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${String(issue?.path[0])}: ${issue?.message}`);
  }
  const { TAPE_CONFIG, TAPE_LEASE_TTL_MS, TAPE_LOG } = parsed.data;
  return { configPath: TAPE_CONFIG, leaseTtlMs: TAPE_LEASE_TTL_MS, logLevel: TAPE_LOG, database: set };
}
