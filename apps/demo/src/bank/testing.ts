import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { spawn, type ChildProcess } from "node:child_process";
import { createBankClient, type BankClient } from "./client.ts";
import { bankPlace, type BankPlace } from "./place.ts";
import type { WireRequest } from "./wire.ts";

export const aWire: WireRequest = {
  creditor: "Acme GmbH",
  iban: "DE89370400440532013000",
  amount: { amount: "1240.00", currency: "EUR" },
  reference: "INV-1001",
};

/** A folder of one's own for a bank; `remove` afterwards. */
export async function aPlace(): Promise<BankPlace & { dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "tape-bank-"));
  return { ...bankPlace({ TAPE_DIR: dir }), dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

export interface BankProcess {
  url: string;
  child: ChildProcess;
  client: BankClient;
  /** Resolves with the code or signal once it is gone. */
  gone: Promise<number | string | null>;
  /** SIGTERM, and waits. May be repeated. */
  stop(): Promise<void>;
}

/** The real bank in a process of its own. */
export async function spawnBank(dir: string, env: Record<string, string> = {}): Promise<BankProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", path.join(import.meta.dirname, "main.ts")], {
    cwd: path.resolve(import.meta.dirname, "..", ".."),
    env: { ...process.env, BANK_URL: "", BANK_PORT: "", ...env, TAPE_DIR: dir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = new Promise<number | string | null>((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
  const url = await readyUrl(child);
  return {
    url,
    child,
    gone,
    client: createBankClient({ url, addressFile: bankPlace({ TAPE_DIR: dir }).addressFile }),
    stop: async () => {
      child.kill("SIGTERM");
      await gone;
    },
  };
}

function readyUrl(child: ChildProcess): Promise<string> {
  let output = "";
  let errors = "";
  child.stderr?.on("data", (chunk) => (errors += String(chunk)));
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`The bank ended before it was ready: ${errors}`)));
    child.stdout?.on("data", (chunk) => {
      output += String(chunk);
      const line = output.split("\n").slice(0, -1).find((text) => text.startsWith('{"ready":true'));
      if (line) resolve((JSON.parse(line) as { url: string }).url);
    });
  });
}
