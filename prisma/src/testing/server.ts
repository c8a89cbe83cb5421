import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { initialise, passwordOf } from "../embedded/initialise.ts";
import { dataDirOf, findPlace, type Place } from "../embedded/place.ts";
import { run } from "../embedded/program.ts";
import { runningPostmaster } from "../embedded/postmaster.ts";
import { launch, urlOf } from "../embedded/start.ts";

export interface TestServerOptions {
  /** Durability as PostgreSQL ships it. `false` is faster and still survives kills, not power failures. Default `true`. */
  isDurable?: boolean;
}

export interface TestServer {
  /** Of the maintenance database `postgres`. The port stays the same over restarts. */
  url: string;
  /** Where its data and log are. */
  folder: string;
  pid(): Promise<number | undefined>;
  /** `immediate` drops every session without a word and recovers at the start, as after a crash. */
  restart(options: { mode: "immediate" | "fast" }): Promise<void>;
  /** Leaves the server down until {@link start}. */
  halt(options: { mode: "immediate" | "fast" }): Promise<void>;
  start(): Promise<void>;
  /** Stops it for good and removes its folder. May be repeated. */
  stop(): Promise<void>;
}

/**
 * A server of its own in a temporary folder, for a test that restarts or breaks it. Should this process be killed,
 * a guard that hears its pipe close stops the server and removes the folder.
 */
export async function startTestServer({ isDurable = true }: TestServerOptions = {}): Promise<TestServer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "tape-test-"));
  const place = await findPlace(folder);
  const dataDir = dataDirOf(place.home);
  await initialise(place, { isSynced: false });
  const { port } = await launch(place, { port: 0, isDurable });
  const guard = standGuard(place);

  const control = (...args: string[]) => run(place, "pg_ctl", ["-D", dataDir, "-w", "-t", "60", "-s", ...args]);
  const halt: TestServer["halt"] = async ({ mode }) => {
    if (await runningPostmaster(dataDir)) await control("-m", mode, "stop");
  };
  const start = async () => void (await launch(place, { port, isDurable }));

  return {
    url: urlOf(await passwordOf(place), port, "postgres"),
    folder: place.home,
    pid: async () => (await runningPostmaster(dataDir))?.pid,
    halt,
    start,
    restart: async (options) => {
      await halt(options);
      await start();
    },
    stop: async () => {
      await halt({ mode: "immediate" });
      guard.kill();
      await rm(place.home, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const GUARD = 'cat >/dev/null; "$0" -D "$1/data" -m immediate -w -s stop; rm -rf "$1"';

function standGuard({ nativeDir, home, user }: Place): ChildProcess {
  const guard = spawn("/bin/sh", ["-c", GUARD, path.join(nativeDir, "bin", "pg_ctl"), home], {
    ...user,
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return guard;
}
