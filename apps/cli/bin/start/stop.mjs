import { endRuns } from "./run.mjs";
import { forgetAll } from "./pids.mjs";
import { say } from "./terminal.mjs";

/**
 * What has been started, so that it can be stopped: the services in order, the database last, also one that is only just
 * starting. A first signal asks, a second one hurries. May be called at any point of the start.
 */
export function createStopper() {
  const hurry = new AbortController();
  const began = new AbortController();
  const parts = { services: [], database: Promise.resolve() };
  let ending;

  async function end() {
    began.abort();
    endRuns();
    for (const service of parts.services) await service.stop(hurry.signal);
    const database = await parts.database.catch(() => undefined);
    await database?.stop();
    forgetAll();
  }

  const stop = () => (ending ??= end());

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (ending) return hurry.abort();
      say("\nStopping. Again to hurry.");
      stop().then(
        () => process.exit(0),
        (error) => (say(error.message), process.exit(1)),
      );
    });
  }
  return { parts, stop, isStopping: () => began.signal.aborted };
}
