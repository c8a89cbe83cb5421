import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { ask } from "../src/ask.ts";
import { makePlace, type Place } from "../src/launcher.ts";
import { openLink } from "../src/people.ts";
import { until } from "../src/until.ts";

let place: Place;
afterEach(() => place.remove());

interface Row {
  id: string;
  status: string;
  labels: { batch: string };
}

/** The demo's runs by the label that tells them apart. */
async function runs(url: string, cookie: string): Promise<Record<string, Row>> {
  const { body } = await ask("GET", "/api/v1/runs", { url, cookie });
  return Object.fromEntries((body["items"] as unknown as Row[]).map((run) => [run.labels.batch, run]));
}

async function ledgerKeys(): Promise<string[]> {
  const text = await readFile(path.join(place.dir, "bank/ledger.jsonl"), "utf8");
  return text.split("\n").filter(Boolean).map((line) => (JSON.parse(line) as { key: string }).key);
}

test("npm start seeds four runs, one click completes the one that waits, Ctrl-C leaves nothing running, the next start keeps the data", { timeout: 400_000 }, async () => {
  place = await makePlace();
  const first = await place.start();
  const cookie = await openLink(first.link);
  const { url } = first;
  const seeded = await until("the demo is where it should be", async () => {
    const rows = await runs(url, cookie);
    return rows["small"]?.status === "COMPLETED" && rows["weekly"]?.status === "WAITING" && rows["monthly"]?.status === "RUNNING" && rows["reversed"]?.status === "COMPENSATED" && rows;
  });
  expect(Object.keys(seeded).sort()).toEqual(["monthly", "reversed", "small", "weekly"]);

  const { body: open } = await ask("GET", "/api/v1/gates?status=OPEN", { url, cookie });
  const gates = open["items"] as unknown as { id: string; runId: string; fingerprint: string }[];
  expect(gates).toEqual([expect.objectContaining({ runId: seeded["weekly"]?.id, name: "cfo-approval" })]);
  const [gate] = gates;
  const decided = await ask("POST", `/api/v1/gates/${gate?.id}/decision`, { url, cookie, body: { outcome: "approved", fingerprint: gate?.fingerprint } });
  expect(decided.status).toBe(200);
  await until("the approved batch is paid", async () => (await runs(url, cookie))["weekly"]?.status === "COMPLETED", 15_000);
  expect((await runs(url, cookie))["monthly"]?.status).toBe("RUNNING");

  const pids = Object.values(await first.pids());
  expect(pids).toHaveLength(5);
  expect(await first.interrupt()).toBe(0);
  // The database server says that it is down a moment before its process is reaped.
  await until("every process is gone", async () => pids.filter(isAlive).length === 0 && (await place.processes()).length === 0, 5_000);
  const paid = await ledgerKeys();

  const second = await place.start();
  expect(second.tookMs).toBeLessThan(60_000);
  expect(second.output()).toMatch(/screens +up to date[^]*demo +kept/);
  expect(second.link).not.toBe(first.link);
  // The session is still good: its secret is kept in the database.
  const kept = await runs(url, cookie);
  expect([kept["small"]?.status, kept["weekly"]?.status]).toEqual(["COMPLETED", "COMPLETED"]);
  await until("the slow batch goes on", async () => (await ledgerKeys()).length > paid.length + 1);
  const keys = await ledgerKeys();
  expect(new Set(keys).size).toBe(keys.length);
  expect(await second.interrupt()).toBe(0);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
