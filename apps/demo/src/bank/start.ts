import { serve, type HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { bankApi } from "./api.ts";
import { openFaults } from "./faults.ts";
import { openLedger } from "./ledger.ts";
import { readAddress, writeAddress, type BankPlace } from "./place.ts";

export interface StartBank {
  place: BankPlace;
  /** Unset: the port of the last start if it is free, so that who knows the address still finds it; else any free one. */
  port?: number;
  log?: (line: string) => void;
  /** Called by the fault `crash-after-commit`. Must end the process. */
  crash(): void;
  /** Called when another bank asked to take over. */
  onStop?(): void;
}

export interface RunningBank {
  url: string;
  /** Lets requests under way end, closes the ledger. May be repeated. */
  close(): Promise<void>;
}

/** Starts the bank on loopback. A bank that already runs on this ledger is asked to stop first: a ledger has one writer. */
export async function startBank(options: StartBank): Promise<RunningBank> {
  const { place, log = () => {} } = options;
  const last = await readAddress(place.addressFile);
  if (last) await takeOver(last.url, last.ledgerFile, place.ledgerFile);

  const ledger = await openLedger(place.ledgerFile, log);
  const faults = await openFaults(place.faultFile);
  const api = bankApi({ ledger, faults, crash: options.crash, stop: () => options.onStop?.() });
  const server = await listen(api, options.port, last && Number(new URL(last.url).port));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeAddress(place.addressFile, { url, pid: process.pid, ledgerFile: place.ledgerFile });

  let closing: Promise<void> | undefined;
  return {
    url,
    close: () =>
      (closing ??= (async () => {
        const closed = once(server, "close");
        server.close();
        // A connection that was busy becomes idle after its answer, and is kept alive.
        const idle = setInterval(() => server.closeIdleConnections(), 20);
        await closed;
        clearInterval(idle);
        await ledger.close();
      })()),
  };
}

async function listen(api: Hono<{ Bindings: HttpBindings }>, port: number | undefined, lastPort: number | undefined): Promise<Server> {
  if (port !== undefined) return tryListen(api, port);
  if (lastPort !== undefined) {
    const server = await tryListen(api, lastPort).catch(() => undefined);
    if (server) return server;
  }
  return tryListen(api, 0);
}

async function tryListen(api: Hono<{ Bindings: HttpBindings }>, port: number): Promise<Server> {
  const server = serve({ fetch: api.fetch, hostname: "127.0.0.1", port }) as Server;
  await once(server, "listening").catch((error: NodeJS.ErrnoException) => {
    const taken = error.code === "EADDRINUSE" ? `Port ${port} is taken: set BANK_PORT to another one.` : error.message;
    throw new Error(taken, { cause: error });
  });
  return server;
}

const TAKE_OVER_MS = 5000;

async function takeOver(url: string, theirs: string, ours: string): Promise<void> {
  if (theirs !== ours || !(await isBank(url))) return;
  await fetch(`${url}/stop`, { method: "POST", headers: { "content-type": "application/json" } }).catch(() => {});
  const deadline = Date.now() + TAKE_OVER_MS;
  while (await isBank(url)) {
    if (Date.now() > deadline) throw new Error(`A bank at ${url} writes this ledger and does not stop: stop it first.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function isBank(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
  if (!answer?.ok) return false;
  const body = (await answer.json().catch(() => ({}))) as { wires?: unknown };
  return typeof body.wires === "number";
}
