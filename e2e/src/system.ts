import { createTestDatabase, type TestDatabase } from "@tape/prisma/testing";
import { openStore, type Store } from "@tape/store";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { startProcess, type Process } from "./process.ts";

export interface WorkerSettings {
  /** Which agents it loads. Default: the ones of these tests; `demo`: the treasury. */
  config?: "e2e" | "demo";
  leaseTtlMs?: number;
  env?: Record<string, string>;
}

/** A wire; with `reverses`, what took that one back. */
export interface LedgerLine {
  id: string;
  key: string;
  creditor: string;
  amount: { amount: string; currency: string };
  reverses?: string;
}

/** A database, a folder for the bank, and processes on them, all ended by `close`. */
export interface System {
  readonly database: TestDatabase;
  readonly store: Store;
  readonly dir: string;
  worker(settings?: WorkerSettings): Promise<Process>;
  bank(): Promise<Process>;
  web(): Promise<Process & { url: string }>;
  /** The lines of the bank's ledger file: wires, and what takes one back. */
  ledger(): Promise<LedgerLine[]>;
  close(): Promise<void>;
}

const CONFIGS = { e2e: "e2e/agents/tape.config.ts", demo: "apps/demo/tape.config.ts" };

export async function openSystem(): Promise<System> {
  const database = await createTestDatabase();
  const store = openStore({ connectionString: database.url, applicationName: "e2e" });
  const dir = await mkdtemp(path.join(os.tmpdir(), "tape-e2e-"));
  const processes: Process[] = [];
  const env = { DATABASE_URL: database.url, TAPE_DIR: dir, BANK_URL: "", BANK_PORT: "", TAPE_LOG: "warn" };

  async function start(name: string, main: string, more: Record<string, string> = {}): Promise<Process> {
    const process = await startProcess(name, main, { ...env, ...more });
    processes.push(process);
    return process;
  }

  return {
    database,
    store,
    dir,
    worker: ({ config = "e2e", leaseTtlMs = 120_000, env: more = {} } = {}) =>
      start("worker", "apps/worker/src/main.ts", { TAPE_CONFIG: path.resolve(import.meta.dirname, "..", "..", CONFIGS[config]), TAPE_LEASE_TTL_MS: String(leaseTtlMs), ...more }),
    bank: () => start("bank", "apps/demo/src/bank/main.ts"),
    web: async () => {
      const web = await start("web", "apps/web/server/main.ts", { PORT: "0", HOST: "127.0.0.1", NODE_ENV: "production" });
      return { ...web, url: String(web.ready.url) };
    },
    ledger: async () => {
      const text = await readFile(path.join(dir, "bank", "ledger.jsonl"), "utf8").catch(() => "");
      return text.split("\n").filter(Boolean).map((line) => JSON.parse(line) as never);
    },
    close: async () => {
      await Promise.all(processes.reverse().map((process) => process.stop()));
      await store.close();
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
