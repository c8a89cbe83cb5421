import { createTestDatabase, startTestServer, type TestServer } from "@tape/prisma/testing";
import { TapeError } from "@tape/core";
import { isConnectionFailure, openStore, type Store } from "@tape/store";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { startProcess, type Process } from "../process.ts";

/** A server of PostgreSQL of its own, a database on it, and workers that can be replaced. */
export interface Place {
  readonly server: TestServer;
  readonly store: Store;
  /** Where the ledger is. */
  readonly dir: string;
  /** @param shiftMs by how much its clock is wrong */
  worker(shiftMs: number): Promise<Process>;
  close(): Promise<void>;
}

/** Short enough that a worker that is stopped for some seconds loses its runs (ms). */
const LEASE_TTL_MS = 4_000;

export async function openPlace(): Promise<Place> {
  const server = await startTestServer();
  const database = await createTestDatabase({ server });
  const dir = await mkdtemp(path.join(os.tmpdir(), "tape-chaos-"));
  const store = openStore({ connectionString: database.url, applicationName: "chaos" });
  const processes: Process[] = [];
  return {
    server,
    store,
    dir,
    worker: async (shiftMs) => {
      const worker = await startProcess("worker", "apps/worker/src/main.ts", {
        DATABASE_URL: database.url, TAPE_DIR: dir, TAPE_CONFIG: path.join(import.meta.dirname, "tape.config.ts"),
        TAPE_LOG: "error", TAPE_LEASE_TTL_MS: String(LEASE_TTL_MS), TAPE_CLOCK_SHIFT_MS: String(shiftMs),
      }, { preload: ["e2e/src/chaos/clock.ts"] });
      processes.push(worker);
      return worker;
    },
    close: async () => {
      await Promise.all(processes.map((each) => each.kill()));
      await store.close();
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Asks again while the database is away, for a minute. @throws whatever else is refused */
export async function stubbornly<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + 60_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > end || !(TapeError.is(error, "unavailable") || isConnectionFailure(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
