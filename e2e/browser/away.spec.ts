import pg from "pg";
import { getRun, sendSignal } from "@tape/store";
import { startSteps, untilStatus } from "../src/runs.ts";
import type { System } from "../src/system.ts";
import { until } from "../src/until.ts";
import { expect, test } from "./fixtures.ts";
import { readRows, timeline } from "./timeline.ts";

const ROW = /Step (\d+) of/;

const go = ({ store }: System, runId: string) => sendSignal(store, { runId, name: "go", by: "user:olga@example.com" });
const stepsIn = (rows: string[]) => rows.flatMap((row) => ROW.exec(row)?.[1] ?? []).map(Number);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

test("L1 a browser is offline while 300 entries are written, and comes back: it converges from its seq, without a reload or a row twice", async ({ page, context, errors, town }) => {
  errors.allow(/ERR_INTERNET_DISCONNECTED|WebSocket connection/);
  const { system } = town;
  const runId = await startSteps(system, { steps: 150, waits: true });
  await page.goto(`/runs/${runId}`);
  await untilStatus(system, runId, "WAITING");
  const live = page.getByTestId("live");
  await expect(live).toHaveText("live");
  await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
  const had = (await getRun(system.store, { id: runId })).seq;

  await context.setOffline(true);
  await expect(live).toHaveText(/^reconnecting, as of \d\d:\d\d:\d\d$/);
  await expect(page.getByRole("button", { name: "Signal", exact: true })).toHaveAttribute("aria-disabled", "true");
  await go(system, runId);
  await untilStatus(system, runId, "COMPLETED", 60_000);
  expect((await getRun(system.store, { id: runId })).seq - had).toBeGreaterThan(300);
  expect(stepsIn(await readRows(page))).toEqual([]);
  await expect(live).toHaveText(/^reconnecting/);

  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const frames: string[] = [];
  page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => frames.push(String(payload))));
  await context.setOffline(false);
  await expect(live).toHaveText("live", { timeout: 20_000 });
  await expect(page.getByTestId("headline")).toContainText("Completed");
  expect(stepsIn(await readRows(page))).toEqual(upTo(150));
  expect(await page.evaluate(() => "isTheSamePage" in window)).toBe(true);
  const resumed = frames.filter((frame) => frame.includes('"watchRun"')).concat(asked.filter((one) => one.includes("/journal?")));
  expect(resumed.length).toBeGreaterThan(0);
  for (const question of resumed) expect(Number(/fromSeq"?[:=](\d+)/.exec(question)?.[1])).toBeGreaterThanOrEqual(had);
});

/** Meanwhile the web server's connection for hints is ended again and again, so that none gets through. */
async function withoutHints(system: System, work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: system.database.url });
  await client.connect();
  let isOver = false;
  const loop = (async () => {
    while (!isOver) await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tape web listener'");
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await loop;
    await client.end();
  }
}

const listeners = async ({ store }: System) => (await store.pool.query("SELECT FROM pg_stat_activity WHERE application_name = 'tape web listener' AND state = 'idle'")).rowCount;

test("L2 the web server's connection for hints is ended again and again: the screen converges by polling, then is quick again", async ({ page, town }) => {
  const { system } = town;
  const runId = await startSteps(system, { steps: 8, ms: 100, waits: true });
  await page.goto(`/runs/${runId}`);
  await untilStatus(system, runId, "WAITING");
  await expect(page.getByTestId("live")).toHaveText("live");

  await withoutHints(system, async () => {
    await go(system, runId);
    await untilStatus(system, runId, "COMPLETED");
    await expect(page.getByTestId("headline")).toContainText("Completed");
    await expect.poll(async () => stepsIn(await readRows(page))).toEqual(upTo(8));
  });

  await until("hints are listened for again", async () => (await listeners(system)) === 1);
  const next = await startSteps(system, { steps: 60, ms: 100, waits: true });
  await untilStatus(system, next, "WAITING");
  await page.goto(`/runs/${next}`);
  await expect(page.getByTestId("live")).toHaveText("live");
  await go(system, next);
  // Polling alone looks every 10 s now; rows that follow each other closer than that were pushed.
  const seen = async () => stepsIn(await timeline(page).innerText().then((text) => text.split("\n"))).at(-1) ?? 0;
  await until("rows arrive one by one", async () => (await seen()) >= 5 && (await seen()) < 30, 4_000);
  await untilStatus(system, next, "COMPLETED");
});
