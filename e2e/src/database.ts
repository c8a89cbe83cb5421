import { startTestServer } from "@tape/prisma/testing";

/** Runs the work on a PostgreSQL of its own, as durable as PostgreSQL ships it, and stops it afterwards. */
export async function withServer(work: () => Promise<void>): Promise<void> {
  const server = await startTestServer();
  process.env.TAPE_TEST_DATABASE_URL = server.url;
  try {
    await work();
  } finally {
    await server.stop();
  }
}
