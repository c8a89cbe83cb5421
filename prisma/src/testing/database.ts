import { randomBytes } from "node:crypto";
import type pg from "pg";
import { createPool, type PoolOptions } from "../pool.ts";
import { administer, databaseUrl, ensureTemplate } from "./template.ts";

export interface TestDatabase {
  url: string;
  /** A new pool on this database; `drop` ends it if the test did not. */
  pool(options?: Omit<PoolOptions, "connectionString">): pg.Pool;
  /** Ends the pools, drops the database and whoever is still connected to it. May be repeated. */
  drop(): Promise<void>;
}

/** Where the server of this test run is: set by the global setup, or by hand to use a server of one's own. */
export const SERVER_VARIABLE = "TAPE_TEST_DATABASE_URL";

/**
 * A migrated, empty database of one's own, cloned from the template in a few tens of milliseconds.
 *
 * @param server A server from `startTestServer`. Default: the one of the test run.
 */
export async function createTestDatabase({ server }: { server?: { url: string } } = {}): Promise<TestDatabase> {
  const serverUrl = server?.url ?? serverOfRun();
  return await create(serverUrl, await ensureTemplateOnce(serverUrl));
}

/** One without anything in it, not even our schema. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return await create(serverOfRun(), "template0");
}

function serverOfRun(): string {
  const url = process.env[SERVER_VARIABLE];
  if (url) return url;
  throw new Error(`No test server: add "@tape/prisma/testing/global-setup" to globalSetup of vitest, or set ${SERVER_VARIABLE}.`);
}

async function create(serverUrl: string, template: string): Promise<TestDatabase> {
  const name = `tape_test_${randomBytes(6).toString("hex")}`;
  await administer(serverUrl, (client) => client.query(`create database ${name} template ${template}`));

  const url = databaseUrl(serverUrl, name);
  const pools: pg.Pool[] = [];
  return {
    url,
    pool: (options) => {
      const pool = createPool({ applicationName: "tape test", max: 5, ...options, connectionString: url });
      pools.push(pool);
      return pool;
    },
    drop: async () => {
      await Promise.all(pools.filter((pool) => !pool.ended).map((pool) => pool.end()));
      await administer(serverUrl, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

const templates = new Map<string, Promise<string>>();

function ensureTemplateOnce(serverUrl: string): Promise<string> {
  const known = templates.get(serverUrl) ?? ensureTemplate(serverUrl);
  templates.set(serverUrl, known);
  return known;
}
