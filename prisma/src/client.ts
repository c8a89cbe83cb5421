import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import { PrismaClient } from "./generated/client.ts";
import { clientConfig, SCHEMA } from "./pool.ts";

export { PrismaClient };

/**
 * Prisma's client, for accounts, sessions and cold reads. On a pool it borrows connections and leaves the ending to
 * its owner; on a URL it makes its own, ended by `$disconnect`.
 */
export function createPrisma(source: pg.Pool | string): PrismaClient {
  const connection = typeof source === "string" ? { ...clientConfig({ connectionString: source }), max: 5 } : source;
  return new PrismaClient({ adapter: new PrismaPg(connection, { schema: SCHEMA }) });
}
