import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listAudit } from "../audit/list.ts";
import { feedCursorAt, readFeed } from "../feed/read.ts";
import { actors, makeRun, openTestStore, untilOthersHaveEnded, type TestStore } from "../testing/index.ts";
import { registerWorker } from "../worker/register.ts";
import { claimSink } from "./claim.ts";
import { forgetSink } from "./forget.ts";
import { listSinks } from "./list.ts";
import { sinkFailed, sinkPassed, stopSink } from "./report.ts";
import { resumeSink } from "./resume.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

const of = { id: "books", claim: "wrk_a/1" };
const take = (id = "books") => claimSink(store, { id, claim: of.claim, forMs: 60_000 });
const having = (id: string, sink = "books") => registerWorker(store, { id, host: "h", pid: 1, lockKey: null, agents: [], tools: [{ app: "test", tool: sink, can: "sink" }] });
const audited = async () => (await listAudit(store)).items.map(({ actor, action, target }) => ({ actor, action, target }));

describe("the list", () => {
  test("says how far behind each sink is, to the entry and within a page, and since when", async () => {
    const turn = await take();
    if (turn.to !== "deliver") throw new Error("not taken");
    expect(await listSinks(store)).toMatchObject([{ id: "books", status: "DELIVERING", behind: { entries: 0, since: null }, attempts: 0, lastError: null, stoppedAt: null, workers: 0 }]);
    const runs = [await makeRun(store), await makeRun(store), await makeRun(store)];
    await untilOthersHaveEnded(store);
    const page = await readFeed(store, { cursor: turn.cursor, limit: 100 });
    const total = page.entries.length;
    expect(total).toBeGreaterThanOrEqual(3);
    expect((await listSinks(store))[0]!.behind).toEqual({ entries: total, since: page.entries.map(({ at }) => at).toSorted()[0] });
    expect(await sinkPassed(store, { ...of, cursor: feedCursorAt(page, page.entries[0]!) })).toBe(true);
    expect((await listSinks(store))[0]!.behind).toMatchObject({ entries: total - 1 });
    await sinkPassed(store, { ...of, cursor: page.cursor });
    expect((await listSinks(store))[0]!.behind).toEqual({ entries: 0, since: null });
    expect(runs).toHaveLength(3);
  });

  test("says why one fails or was stopped, and whether anybody alive has it", async () => {
    await take();
    await take("away");
    await having("wrk_b");
    await having("wrk_dead", "away");
    await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - interval '1 min' WHERE id = 'wrk_dead'");
    await sinkFailed(store, { ...of, error: "closed" });
    await stopSink(store, { ...of, id: "away", reason: "it answered 410" });
    expect(await listSinks(store)).toMatchObject([
      { id: "away", status: "STOPPED", lastError: "it answered 410", stoppedAt: expect.any(String), workers: 0 },
      { id: "books", status: "RETRYING", attempts: 1, lastError: "closed", nextAttemptAt: expect.any(String), workers: 1 },
    ]);
  });
});

describe("resuming", () => {
  test("goes on from where it stood, once, and is audited", async () => {
    const before = await take();
    await sinkFailed(store, { ...of, error: "closed" });
    await stopSink(store, { ...of, reason: "it answered 410" });
    expect(await take()).toEqual({ to: "stopped" });
    expect(await resumeSink(store, { id: "books", actor: actors.operator })).toMatchObject({ status: "DELIVERING", attempts: 0, lastError: null, stoppedAt: null, nextAttemptAt: null });
    expect(await take()).toEqual(before);
    await resumeSink(store, { id: "books", actor: actors.operator });
    expect(await audited()).toEqual([{ actor: actors.operator.id, action: "sink.resume", target: "books" }]);
  });

  test("makes the next attempt of a failing one due, and forgets none of its failures", async () => {
    await take();
    await sinkFailed(store, { ...of, error: "closed" });
    expect(await take()).toMatchObject({ to: "wait" });
    expect(await resumeSink(store, { id: "books", actor: actors.operator })).toMatchObject({ status: "RETRYING", attempts: 1, lastError: "closed", nextAttemptAt: null });
    expect(await take()).toMatchObject({ to: "deliver", attempts: 1 });
  });

  test("needs an operator, and a sink", async () => {
    await take();
    await expect(resumeSink(store, { id: "books", actor: actors.approver })).rejects.toMatchObject({ code: "forbidden" });
    await expect(resumeSink(store, { id: "none", actor: actors.operator })).rejects.toMatchObject({ code: "not_found" });
    await expect(resumeSink(store, { id: "a\0b", actor: actors.operator })).rejects.toMatchObject({ code: "invalid_input" });
  });
});

describe("forgetting", () => {
  test("is refused while somebody alive has it, and then takes its row, audited", async () => {
    await take();
    await having("wrk_b");
    await expect(forgetSink(store, { id: "books", actor: actors.admin })).rejects.toMatchObject({ code: "illegal_transition", details: { workers: ["wrk_b"] } });
    await store.pool.query("UPDATE tape.workers SET beat_at = tape.now() - interval '1 min'");
    await expect(forgetSink(store, { id: "books", actor: actors.operator })).rejects.toMatchObject({ code: "forbidden" });
    expect(await listSinks(store)).toHaveLength(1);
    await forgetSink(store, { id: "books", actor: actors.admin });
    expect(await listSinks(store)).toEqual([]);
    expect(await sinkPassed(store, { ...of, cursor: "start" })).toBe(false);
    await expect(forgetSink(store, { id: "books", actor: actors.admin })).rejects.toMatchObject({ code: "not_found" });
    expect(await audited()).toEqual([{ actor: actors.admin.id, action: "sink.forget", target: "books" }]);
  });
});
