import { SERVER_VARIABLE } from "./database.ts";
import { startTestServer } from "./server.ts";
import { ensureTemplate } from "./template.ts";

/** For `globalSetup` of vitest: one server per test run, unless one is given by the environment. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const given = process.env[SERVER_VARIABLE];
  if (given) {
    await ensureTemplate(given);
    return undefined;
  }
  const server = await startTestServer({ isDurable: false });
  try {
    await ensureTemplate(server.url);
  } catch (error) {
    await server.stop();
    throw error;
  }
  process.env[SERVER_VARIABLE] = server.url;
  return async () => {
    delete process.env[SERVER_VARIABLE];
    await server.stop();
  };
}
