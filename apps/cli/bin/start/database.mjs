import { tsImport } from "tsx/esm/api";
import { ROOT, STATE } from "./place.mjs";
import { record } from "./pids.mjs";
import { complain, say } from "./terminal.mjs";
import { Trouble } from "./trouble.mjs";

const WATCH_MS = 1_000;

const load = (specifier) => tsImport(specifier, import.meta.url);

/** Where a URL points, without its password. */
function placeOf(url) {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || 5432}${pathname}`;
}

/**
 * Starts the embedded server, or takes the one `DATABASE_URL` names, and brings its tables up to date.
 *
 * @returns its `url`, whether its tables are `isNew`, a sentence for the step, and `stop`, which ends an embedded one.
 */
export async function openDatabase({ databaseUrl }, tell) {
  const { migrate } = await load("@tape/prisma");
  if (databaseUrl) {
    const { applied } = await migrate({ connectionString: databaseUrl }).catch((error) => explain(error, databaseUrl));
    return { url: databaseUrl, isNew: applied.includes("0001_accounts"), note: placeOf(databaseUrl), stop: async () => {} };
  }
  const { startEmbedded } = await load("@tape/prisma/embedded");
  const start = () => startEmbedded({ dir: STATE, log: tell }).catch((error) => explain(error, ROOT));
  let server = await start();
  record("postgres", server.pid);
  const { applied } = await migrate({ connectionString: server.url }).catch((error) => explain(error, server.url));

  let isStopping = false;
  const watch = async () => {
    if (isStopping) return;
    if (!isAlive(server.pid)) {
      say("  database is gone, starting it again");
      const last = server;
      server = await start().catch((error) => (complain(error.message), last));
      record("postgres", server.pid);
      if (server.url !== last.url) complain("The database came back at another port: stop Tape and run npm start.");
    }
    timer = setTimeout(watch, WATCH_MS);
  };
  let timer = setTimeout(watch, WATCH_MS);

  return {
    url: server.url,
    isNew: applied.includes("0001_accounts"),
    note: server.adopted ? "PostgreSQL, found running" : "PostgreSQL in .tape",
    stop: async () => {
      isStopping = true;
      clearTimeout(timer);
      await server.stop();
    },
  };
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

const SAID = {
  ECONNREFUSED: "does not answer",
  ETIMEDOUT: "does not answer",
  ENOTFOUND: "has no address",
  "28P01": "refuses the password",
  28000: "refuses the user",
  "3D000": "does not exist",
};

function explain(error, url) {
  const said = SAID[error.code];
  if (said) throw new Trouble(`The database at ${placeOf(url)} ${said}: start or create it, correct DATABASE_URL, or unset it to use the embedded one.`);
  if (error.name === "DatabaseError") throw new Trouble(error.message);
  throw error;
}
