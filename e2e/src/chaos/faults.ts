import type { Process } from "../process.ts";
import { stubbornly, type Place } from "./place.ts";
import { between, type Random } from "./random.ts";

/** What was done to the system. */
export interface Faults {
  kills: number;
  stops: number;
  restarts: number;
  cuts: number;
  shifts: number;
}

const WORKERS = 3;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** A worker that is stopped goes on after this at the latest (ms). */
export const LONGEST_STOP_MS = 8_000;

/** Does harm until the signal is aborted; then everything that was stopped goes on. Three workers run, one with a wrong clock. */
export async function doHarm(place: Place, random: Random, signal: AbortSignal): Promise<Faults> {
  const faults: Faults = { kills: 0, stops: 0, restarts: 0, cuts: 0, shifts: 0 };
  const shiftOf = (at: number) => (at > 0 ? 0 : faults.shifts++ % 2 === 0 ? 60_000 : -60_000);
  const workers: Process[] = await Promise.all(Array.from({ length: WORKERS }, (_, at) => place.worker(shiftOf(at))));
  /** What is being done to a worker; it is left alone meanwhile. */
  const under = new Map<number, Promise<void>>();
  const failures: unknown[] = [];
  const doTo = (at: number, harm: () => Promise<void>): void => {
    if (under.has(at)) return;
    under.set(at, harm().catch((error: unknown) => void failures.push(error)).then(() => void under.delete(at)));
  };

  const kill = async (at: number): Promise<void> => {
    faults.kills += 1;
    await workers[at]?.kill();
    workers[at] = await place.worker(shiftOf(at));
  };
  const stop = async (at: number, ms: number): Promise<void> => {
    faults.stops += 1;
    workers[at]?.signal("SIGSTOP");
    await pause(ms);
    workers[at]?.signal("SIGCONT");
  };
  const cut = async (): Promise<void> => {
    const { rows } = await stubbornly(() => place.store.pool.query<{ cut: number }>(
      "SELECT count(pg_terminate_backend(pid)) AS cut FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.4",
    ));
    faults.cuts += rows[0]?.cut ?? 0;
  };
  const restart = async (): Promise<void> => {
    faults.restarts += 1;
    await place.server.restart({ mode: "immediate" });
  };

  while (!signal.aborted && failures.length === 0) {
    const drawn = random();
    const at = between(random, 0, WORKERS);
    const ms = between(random, 500, LONGEST_STOP_MS);
    if (drawn < 0.4) doTo(at, () => kill(at));
    else if (drawn < 0.65) doTo(at, () => stop(at, ms));
    else if (drawn < 0.85) await cut();
    else await restart();
    const until = performance.now() + between(random, 500, 3_000);
    while (!signal.aborted && performance.now() < until) await pause(50);
  }
  await Promise.all(under.values());
  if (failures.length > 0) throw failures[0];
  return faults;
}
