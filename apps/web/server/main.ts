import path from "node:path";
import { DatabaseError, migrate } from "@tape/prisma";
import { TapeError } from "@tape/core";
import { isConnectionFailure, toTapeError } from "@tape/store";
import { readEnv } from "./env.ts";
import { createLog } from "./log.ts";
import { startServer } from "./start.ts";

// Before Next is loaded: it calls home otherwise, and React chooses its build by it.
process.env.NEXT_TELEMETRY_DISABLED = "1";
if (!process.env.NODE_ENV) Object.assign(process.env, { NODE_ENV: "production" });

/** Stopping takes at most this long (ms). */
const STOP_MS = 10_000;

try {
  const env = await readEnv(process.env, process.cwd());
  const log = createLog(env.logLevel);
  await migrate({ connectionString: env.databaseUrl });
  const { createNextPages } = await import("./http/pages.ts");
  const server = await startServer({
    env,
    log,
    pages: ({ server, url, fetch }) => {
      globalThis.tapeApi = { fetch };
      return createNextPages({ ...env, dir: path.resolve(import.meta.dirname, ".."), server, hostname: url.hostname, port: Number(url.port) });
    },
  });
  const stop = (signal: NodeJS.Signals) => {
    log.info({ signal }, "stopping");
    setTimeout(() => process.exit(1), STOP_MS).unref();
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.stdout.write(`${JSON.stringify({ ready: true, url: server.url })}\n`);
} catch (error) {
  process.stderr.write(`${inOneLine(error)}\n`);
  process.exit(1);
}

/** What is wrong and what to do, for whoever started this. */
function inOneLine(error: unknown): string {
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number };
  if (code === "EADDRINUSE") return `Port ${port} is taken: stop what listens there, or set PORT to another one.`;
  if (code === "EACCES") return `Port ${port} may not be opened: set PORT to one above 1023.`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return "HOST is no address of this machine: set it to 127.0.0.1, or 0.0.0.0 for all of them.";
  if (isConnectionFailure(error) || TapeError.is(toTapeError(error), "unavailable")) {
    return "The database cannot be reached: is it running, and does DATABASE_URL name it? In the Tape folder, npm start runs one.";
  }
  if (error instanceof DatabaseError || error instanceof TapeError) return error.message;
  return (message || String(error)).split("\n")[0] ?? "";
}
