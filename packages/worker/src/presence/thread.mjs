// The thread that says "this worker is alive" (D26). It has its own event loop and its own connection, so neither a
// body that blocks the main thread nor a pool that is used up keeps a beat from leaving. Plain JavaScript, because a
// loader of the main thread does not reach into threads.
import { parentPort, workerData } from "node:worker_threads";
// oxlint-disable-next-line no-restricted-imports -- the one connection outside of store: this thread loads nothing else
import pg from "pg";

/** @type {import("./thread.ts").ThreadData} */
const { id, client: config, statements, lockKey, beatMs } = workerData;
const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);

/** A beat later than this after the one before: this process was stopped, or could not reach the database (ms). */
const CONTINUOUS_MS = 1_500;
/** A connection that does not answer for this long is given up (ms). */
const TIMEOUT_MS = 3_000;
/** Reconnecting after a restart of the database must be quick, or others take this worker for dead (ms). */
const RECONNECT_MS = 250;

let state = { running: 0, stopping: false };
let isLeaving = false;
/** Do sessions last here? Not behind a pooler that hands each transaction to another server process. */
let lasts = true;
let steadySince = 0;
let lastBeat = -Infinity;
/** @type {() => void} */
let endPause = () => {};

port.on("message", (/** @type {import("./thread.ts").ToThread} */ message) => {
  if (message.type === "state") state = message.state;
  if (message.type === "leave") {
    isLeaving = true;
    endPause();
  }
});

/** @param {import("./thread.ts").FromThread} message */
const say = (message) => port.postMessage(message);

/**
 * @param {number} ms
 * @returns {Promise<void>}
 */
const pause = (ms) =>
  new Promise((resolve) => {
    if (isLeaving) return resolve();
    const timer = setTimeout(resolve, ms);
    endPause = () => {
      clearTimeout(timer);
      resolve();
    };
  });

/**
 * Holds the session's lock, where sessions last: the server process that answers must be the one that was named at
 * login, and stay it.
 *
 * @param {pg.Client} client
 * @param {{ pid: number, holds: boolean }} seen
 */
async function holdLock(client, seen) {
  if (!lasts) return;
  const { processID } = /** @type {{ processID?: number }} */ (client);
  if (seen.pid !== processID) {
    lasts = false;
    say({ type: "sessions_do_not_last" });
  } else if (!seen.holds) {
    await client.query(statements.lock, [lockKey]);
  }
}

/** @param {pg.Client} client */
async function beat(client) {
  const { rows } = await client.query(statements.beat, [id, state.running, lockKey, state.stopping]);
  const now = performance.now();
  if (!rows[0].known) return say({ type: "forgotten" });
  await holdLock(client, rows[0]);
  if (now - lastBeat > CONTINUOUS_MS) steadySince = now;
  lastBeat = now;
  say({ type: "beat", steadyMs: now - steadySince });
}

/** One connection, for as long as it lasts. */
async function attend() {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
  client.on("error", () => {});
  try {
    await client.connect();
    while (!isLeaving) {
      const began = performance.now();
      await beat(client);
      await pause(Math.max(0, beatMs - (performance.now() - began)));
    }
  } finally {
    await client.end().catch(() => {});
  }
}

while (!isLeaving) {
  try {
    await attend();
  } catch (error) {
    say({ type: "silent", message: error instanceof Error ? error.message : String(error) });
    await pause(RECONNECT_MS * (0.5 + Math.random() / 2));
  }
}
port.close();
