import type { Page, Sink } from "@tape/core";
import { claimSink, registerWorker, sinkFailed, stopSink } from "@tape/store";
import { makeRun, openTestStore, untilOthersHaveEnded, type TestStore } from "@tape/store/testing";
import { beforeEach, expect, test } from "vitest";
import { startApi } from "./testing/api.ts";
import { tape as tapeIn, type Ended } from "./testing/tape.ts";

let store: TestStore;
const tape = (...args: string[]): Promise<Ended> => tapeIn({ DATABASE_URL: store.database.url }, "sinks", ...args);

beforeEach(async () => {
  store = await openTestStore();
  return () => store.close();
});

const claim = "wrk_a/1";
const take = (id: string) => claimSink(store, { id, claim, forMs: 60_000 });
const having = (...sinks: string[]) => registerWorker(store, { id: "wrk_b", host: "h", pid: 1, lockKey: null, agents: [], tools: sinks.map((tool) => ({ app: "test", tool, can: "sink" as const })) });

test("sinks list says where each stands, why, and since when", async () => {
  expect(await tape("list")).toEqual({ code: 0, out: "", err: "There are no sinks.\n" });
  for (const id of ["books", "failing", "gone"]) await take(id);
  await having("books", "failing");
  await makeRun(store);
  await untilOthersHaveEnded(store);
  await sinkFailed(store, { id: "failing", claim, error: "the shop\u001b[31m is closed" });
  await stopSink(store, { id: "gone", claim, reason: "https://hook answered 410" });
  const { code, out } = await tape("list");
  expect(code).toBe(0);
  expect(out).not.toContain("\u001b");
  const [, books, failing, gone] = out.split("\n");
  expect(books).toMatch(/^books +delivering +1 entry behind, [\d.]+ (ms|s)$/);
  expect(failing).toMatch(/^failing +failing +1 entry behind, .+ attempt 1 failed: the shop \[31m is closed; (next in \d s|next just now)$/);
  expect(gone).toMatch(/^gone +stopped +1 entry behind, .+ stopped (just now|\d s ago): https:\/\/hook answered 410; no live worker has it$/);
  expect((JSON.parse((await tape("list", "--json")).out) as Page<Sink>).items.map(({ id, status, workers }) => [id, status, workers])).toEqual([
    ["books", "DELIVERING", 1],
    ["failing", "RETRYING", 1],
    ["gone", "STOPPED", 0],
  ]);
});

test("sinks resume goes on from where it stood; sinks forget is refused while a worker has it", async () => {
  await take("books");
  await stopSink(store, { id: "books", claim, reason: "no more" });
  expect(await tape("resume", "books")).toMatchObject({ code: 0, out: "books is delivering, up to date.\n", err: expect.stringContaining("No live worker has it") });
  await having("books");
  expect(JSON.parse((await tape("resume", "books", "--json")).out)).toMatchObject({ id: "books", status: "DELIVERING", workers: 1 });
  expect(await tape("forget", "books")).toMatchObject({ code: 1, out: "", err: expect.stringContaining("wrk_b has the sink books: take it out of tape.config.ts") });
  await having();
  expect(await tape("forget", "books")).toMatchObject({ code: 0, out: expect.stringContaining("books is forgotten.") });
  expect(await tape("forget", "books")).toMatchObject({ code: 1, err: expect.stringContaining("There is no sink books") });
  const { rows } = await store.pool.query<{ actor: string; action: string }>("SELECT actor, action FROM tape.audit ORDER BY at");
  expect(rows).toEqual(["sink.resume", "sink.forget"].map((action) => ({ actor: expect.stringMatching(/^cli:/), action })));
});

test("with TAPE_URL they ask the API", async () => {
  const sink: Sink = { id: "books", status: "STOPPED", behind: { entries: 10_000, since: "2026-11-24T09:00:00.000Z" }, attempts: 3, lastError: "gone", nextAttemptAt: null, stoppedAt: "2026-11-24T09:30:00.000Z", updatedAt: "2026-11-24T09:30:00.000Z", workers: 1 };
  const api = await startApi({
    "GET /api/v1/system": { runs: {}, openGates: 0, unknownEffects: 0, unsentEffects: 0, conflicts: 0, stuckRuns: 0, unsettledOutbox: 0, workers: 1, serverTime: "2026-11-24T10:00:00.000Z" },
    "GET /api/v1/sinks": { items: [sink], nextCursor: null },
    "POST /api/v1/sinks/books/resume": { ...sink, status: "DELIVERING" },
    "DELETE /api/v1/sinks/books": () => ({ status: 204, body: "" }),
  });
  const far = (...args: string[]) => tapeIn({ TAPE_URL: api.url, TAPE_TOKEN: "secret" }, "sinks", ...args);
  expect((await far("list")).out.split("\n")[1]).toMatch(/^books +stopped +at least 10,000 entries behind, 1 h +stopped 30 m ago: gone$/);
  expect((await far("resume", "books")).code).toBe(0);
  expect((await far("forget", "books")).code).toBe(0);
  await api.close();
});
