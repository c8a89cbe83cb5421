import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Entry } from "@tape/core";
import { eventIdOf, SinkGone, verifySignature, webhookSink, type Sink } from "@tape/sdk";
import { resumeSink, sinkPassed, type Store } from "@tape/store";
import { actors, makeRun, openTestStore, untilOthersHaveEnded, type TestStore } from "@tape/store/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silent } from "../log.ts";
import { sinkDeliveries } from "./sinks.ts";

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.close());

const never = new AbortController().signal;
const make = async () => eventIdOf({ runId: (await makeRun(store)).id, seq: 1 });
const row = async () => (await store.pool.query("SELECT attempts, last_error, stopped_at IS NOT NULL AS stopped, claim IS NOT NULL AS claimed, next_attempt_at > tape.now() AS later FROM tape.sinks")).rows[0] as Record<string, unknown>;
const deliveries = (sink: Sink, { on = store as Store, owner = "wrk_one" } = {}) => sinkDeliveries({ store: on, owner, sink, log: silent });

/** Passes until there is nothing more right now. */
async function settle(pass: (signal: AbortSignal) => Promise<number>): Promise<number> {
  for (;;) {
    await untilOthersHaveEnded(store);
    const waitMs = await pass(never);
    if (waitMs > 0) return waitMs;
  }
}

/** From the last failure to the next attempt (ms). */
const untilNext = async () => (await store.pool.query<{ ms: number }>("SELECT extract(epoch FROM next_attempt_at - updated_at)::float8 * 1000 AS ms FROM tape.sinks")).rows[0]!.ms;
/** The next attempt is due. */
const retryNow = () => store.pool.query("UPDATE tape.sinks SET next_attempt_at = NULL");
/** The claim has run out. */
const expire = () => store.pool.query("UPDATE tape.sinks SET claim_expires_at = tape.now() - interval '1 s'");

interface Probe extends Sink {
  given: string[];
  attempts: number[];
  act: (entries: readonly Entry[]) => Promise<void> | void;
}

function probe(options: Partial<Sink> = {}): Probe {
  const sink: Probe = {
    id: "probe",
    ...options,
    given: [],
    attempts: [],
    act: () => {},
    deliver: async (entries, { attempt }) => {
      sink.given.push(...entries.map(eventIdOf));
      sink.attempts.push(attempt);
      await sink.act(entries);
    },
  };
  return sink;
}

describe("a sink", () => {
  test("begins at the head, is given all that comes, each once, and its place outlives the worker", async () => {
    await make();
    const sink = probe();
    const one = deliveries(sink);
    expect(await settle(one.pass)).toBe(250);
    expect(sink.given).toEqual([]);
    const first = [await make(), await make(), await make()];
    await settle(one.pass);
    expect(sink.given.toSorted()).toEqual(first.toSorted());
    await one.drain();
    const second = await make();
    const next = deliveries(sink, { owner: "wrk_two" });
    await settle(next.pass);
    expect(sink.given.slice(3)).toEqual([second]);
    await settle(next.pass);
    expect(sink.given).toHaveLength(4);
  });

  test("that fails is tried again with back-off, says why, skips nothing and goes on with what comes after", async () => {
    const sink = probe({ batch: 1 });
    const { pass } = deliveries(sink);
    await settle(pass);
    const events = [await make(), await make()];
    const waits: number[] = [];
    sink.act = () => {
      throw new Error("the shop is closed");
    };
    for (let times = 0; times < 4; times++) {
      expect(await settle(pass)).toBeLessThanOrEqual(5_000);
      waits.push(await untilNext());
      expect(await row()).toMatchObject({ attempts: times + 1, last_error: "the shop is closed", later: true });
      const early = await pass(never);
      expect(early).toBeGreaterThan(0);
      await retryNow();
    }
    for (const [place, expected] of [1_000, 2_000, 4_000, 8_000].entries()) expect(waits[place]! / expected, `wait ${place}`).toBeCloseTo(1, 0);
    expect(sink.attempts).toEqual([1, 2, 3, 4]);
    expect(new Set(sink.given).size).toBe(1);
    sink.act = () => {};
    await settle(pass);
    expect(sink.attempts).toEqual([1, 2, 3, 4, 5, 1]);
    expect(sink.given.slice(-2).toSorted()).toEqual(events.toSorted());
    expect(await row()).toMatchObject({ attempts: 0, last_error: null });
  });

  test("does not wait longer than five minutes", async () => {
    const sink = probe();
    const { pass } = deliveries(sink);
    await settle(pass);
    await make();
    await store.pool.query("UPDATE tape.sinks SET attempts = 40");
    const fresh = deliveries({ ...sink, deliver: () => Promise.reject(new Error("no")) }, { owner: "wrk_two" });
    await expire();
    await settle(fresh.pass);
    const waitMs = await untilNext();
    expect(waitMs).toBeGreaterThan(299_000);
    expect(waitMs).toBeLessThan(300_001);
  });

  test("whose worker dies between delivery and cursor is given the same again, under the same id", async () => {
    const sink = probe();
    const dying = deliveries(sink);
    await settle(dying.pass);
    const event = await make();
    // Delivered, and then the process is gone before it can say so.
    sink.act = async () => {
      await expire();
      await store.pool.query("UPDATE tape.sinks SET claim = 'wrk_two/other'");
    };
    await untilOthersHaveEnded(store);
    await dying.pass(never);
    expect(sink.given).toEqual([event]);
    await expire();
    sink.act = () => {};
    await settle(deliveries(sink, { owner: "wrk_three" }).pass);
    expect(sink.given).toEqual([event, event]);
  });

  test("is one worker's at a time; a worker whose claim was taken cannot move its cursor", async () => {
    const sink = probe();
    const one = deliveries(sink);
    const two = deliveries(sink, { owner: "wrk_two" });
    await settle(one.pass);
    const event = await make();
    expect(await two.pass(never)).toBe(5_000);
    expect(sink.given).toEqual([]);
    let isIn = () => {};
    let letGo = () => {};
    const inside = new Promise<void>((resolve) => (isIn = resolve));
    const held = new Promise<void>((resolve) => (letGo = resolve));
    sink.act = () => {
      isIn();
      return held;
    };
    await untilOthersHaveEnded(store);
    const slow = one.pass(never);
    await inside;
    await expire();
    sink.act = () => {};
    await settle(two.pass);
    const { rows } = await store.pool.query<{ cursor: string }>("SELECT cursor FROM tape.sinks");
    letGo();
    expect(await slow).toBe(5_000);
    expect((await store.pool.query("SELECT cursor FROM tape.sinks")).rows).toEqual(rows);
    expect(sink.given).toEqual([event, event]);
    expect(await sinkPassed(store, { id: "probe", claim: "wrk_one/stale", cursor: rows[0]!.cursor })).toBe(false);
    const next = await make();
    expect(await one.pass(never)).toBe(5_000);
    await settle(two.pass);
    expect(sink.given.slice(2)).toEqual([next]);
  });

  test("whose cursor is of another database says so, and skips nothing by itself", async () => {
    const sink = probe();
    await settle(deliveries(sink).pass);
    await store.pool.query("UPDATE tape.sinks SET cursor = $1, claim = NULL", [Buffer.from(JSON.stringify([1, "999999999999"])).toString("base64url")]);
    await make();
    expect(await settle(deliveries(sink).pass)).toBeGreaterThan(900);
    expect(await row()).toMatchObject({ attempts: 1, last_error: expect.stringContaining("restored from a dump") });
    expect(sink.given).toEqual([]);
  });

  test("that does not heed its signal is not waited for beyond its time, nor by a stop", async () => {
    const sink = probe({ timeoutMs: 30 });
    const { pass, drain } = deliveries(sink);
    await settle(pass);
    await make();
    sink.act = () => new Promise(() => {});
    expect(await settle(pass)).toBeGreaterThan(900);
    expect(await row()).toMatchObject({ attempts: 1, last_error: "it took longer than 30 ms" });
    await retryNow();
    const stopping = new AbortController();
    const slow = deliveries({ ...sink, id: "probe", timeoutMs: 60_000 }, { owner: "wrk_two" });
    await drain();
    sink.act = () => {
      stopping.abort();
      return new Promise(() => {});
    };
    await slow.pass(stopping.signal);
    await slow.drain();
    expect(await row()).toMatchObject({ attempts: 1, claimed: false });
  });

  test("gets only the kinds it asked for, and is stopped by SinkGone until it is resumed", async () => {
    const sink = probe({ kinds: ["run"] });
    const { pass } = deliveries(sink);
    await settle(pass);
    const run = await makeRun(store, { status: "COMPLETED" });
    await settle(pass);
    expect(sink.given).toEqual([`${run.id}/1`, `${run.id}/2`]);
    const none = probe({ id: "none", kinds: ["gate"] });
    const gates = deliveries(none);
    await settle(gates.pass);
    const before = (await store.pool.query("SELECT passed FROM tape.sinks WHERE id = 'none'")).rows;
    await make();
    await settle(gates.pass);
    expect(none.given).toEqual([]);
    expect((await store.pool.query("SELECT passed FROM tape.sinks WHERE id = 'none'")).rows).not.toEqual(before);
    await store.pool.query("DELETE FROM tape.sinks WHERE id = 'none'");
    sink.act = () => {
      throw new SinkGone("no more, thank you");
    };
    await settle(pass);
    expect(await row()).toMatchObject({ stopped: true, last_error: "no more, thank you", claimed: false });
    const asked = sink.given.length;
    expect(await settle(deliveries(sink, { owner: "wrk_two" }).pass)).toBe(5_000);
    expect(sink.given).toHaveLength(asked);

    // Resumed while its worker only looks now and then: it is given what it did not take, and what came since.
    const later = await makeRun(store);
    sink.act = () => {};
    expect(await resumeSink(store, { id: "probe", actor: actors.operator })).toMatchObject({ status: "DELIVERING", attempts: 0, lastError: null });
    await settle(pass);
    expect(sink.given.slice(asked - 1)).toEqual([sink.given[asked - 1], sink.given[asked - 1], `${later.id}/1`]);
  });

  test("that waits for its next attempt is tried at once when a person says so", async () => {
    const sink = probe();
    const { pass } = deliveries(sink);
    await settle(pass);
    await make();
    sink.act = () => {
      throw new Error("closed");
    };
    await settle(pass);
    await store.pool.query("UPDATE tape.sinks SET next_attempt_at = tape.now() + interval '5 min'");
    expect(await pass(never)).toBe(5_000);
    await resumeSink(store, { id: "probe", actor: actors.operator });
    sink.act = () => {};
    expect(await settle(pass)).toBe(250);
    expect(sink.attempts).toEqual([1, 2]);
  });
});

describe("webhookSink", () => {
  const secret = "a secret of sixteen and more";

  interface Asked {
    headers: IncomingHttpHeaders;
    body: string;
  }

  async function receiver(answer: (response: ServerResponse, asked: Asked) => void) {
    const asked: Asked[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      request.on("end", () => {
        const one = { headers: request.headers, body };
        asked.push(one);
        answer(response, one);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      asked,
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tape`,
      close: () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    };
  }

  test("sends each event signed, under a stable id, counts attempts over 500s, and reads no answer", async () => {
    let failing = 2;
    const to = await receiver((response) => response.writeHead(failing-- > 0 ? 500 : 202).end("x".repeat(100_000)));
    const sink = webhookSink({ id: "hook", url: to.url, secret });
    const { pass } = deliveries(sink);
    await settle(pass);
    const run = await makeRun(store, { input: { to: "Zoë" }, status: "COMPLETED" });
    for (let times = 0; times < 3; times++) {
      await settle(pass);
      await retryNow();
    }
    expect(to.asked.map(({ headers }) => [headers["x-tape-event-id"], headers["x-tape-attempt"]])).toEqual([
      [`${run.id}/1`, "1"],
      [`${run.id}/1`, "2"],
      [`${run.id}/1`, "3"],
      [`${run.id}/2`, "1"],
    ]);
    const { headers, body } = to.asked[0]!;
    expect(JSON.parse(body)).toMatchObject({ events: [{ id: `${run.id}/1`, runId: run.id, seq: 1, kind: "run", verb: "started", payload: { input: { to: "Zoë" } } }] });
    const header = headers["x-tape-signature"] as string;
    expect(verifySignature({ secret, header, body })).toBe(true);
    expect(verifySignature({ secret: ["another secret of sixteen", secret], header, body: Buffer.from(body) })).toBe(true);
    expect(verifySignature({ secret, header, body: `${body} ` })).toBe(false);
    expect(verifySignature({ secret: "another secret of sixteen", header, body })).toBe(false);
    expect(verifySignature({ secret, header, body, now: Date.now() + 301_000 })).toBe(false);
    for (const wrong of [null, "", "t=1", header.replace("v1=", "v0="), `${header.slice(0, -1)}`]) expect(verifySignature({ secret, header: wrong, body }), String(wrong)).toBe(false);
    await to.close();
  });

  test("a receiver that is slow or away is tried again; 410 stops; a redirect is not followed", async () => {
    const elsewhere = await receiver((response) => response.end());
    let act: (response: ServerResponse) => void = () => {};
    const to = await receiver((response) => act(response));
    const { pass } = deliveries(webhookSink({ id: "hook", url: to.url, secret, timeoutMs: 60, batch: 10 }));
    await settle(pass);
    await make();
    const failsWith = async (reason: RegExp | string): Promise<void> => {
      await settle(pass);
      expect((await row()).last_error).toMatch(reason);
      await retryNow();
    };
    await failsWith("it took longer than 60 ms");
    act = (response) => response.socket?.destroy();
    await failsWith(/127\.0\.0\.1:\d+ did not answer/);
    act = (response) => response.writeHead(302, { location: elsewhere.url }).end();
    await failsWith(/answered 302; redirects are not followed/);
    expect(elsewhere.asked).toEqual([]);
    act = (response) => response.writeHead(404).end();
    await failsWith("answered 404");
    expect(await row()).toMatchObject({ attempts: 4, stopped: false });
    act = (response) => response.writeHead(410).end();
    await settle(pass);
    expect(await row()).toMatchObject({ stopped: true, last_error: expect.stringContaining("410") });
    const asked = to.asked.length;
    await make();
    await settle(pass);
    expect(to.asked).toHaveLength(asked);
    await to.close();
    await elsewhere.close();
  });

  test("says what is wrong with its options", () => {
    const good = { id: "hook", url: "https://example.com", secret };
    for (const [wrong, says] of [
      [{ id: "not a name" }, /sink "not a name"/],
      [{ url: "example.com" }, /url is an address/],
      [{ url: "ftp://example.com" }, /url is an address/],
      [{ url: "https://me:word@example.com" }, /a name or a password/],
      [{ secret: "short" }, /at least 16/],
      [{ batch: 0 }, /batch/],
      [{ timeoutMs: 400_000 }, /timeoutMs/],
      [{ kinds: ["nothing" as "run"] }, /kinds/],
    ] as const) {
      expect(() => webhookSink({ ...good, ...wrong }), JSON.stringify(wrong)).toThrow(says);
    }
  });
});
