import { TapeError } from "@tape/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createClient } from "./create-client.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const change = (version: number, skipped = 0) => ({ namespace: "n", key: "k", value: version, version, writer: "w", at: "", deleted: false, prevVersion: version - 1 - skipped, prevValue: null, skipped });

/** A connection that brings these versions and breaks, or a refusal. */
type Connection = ReturnType<typeof change>[] | TapeError | "away";

function watching(connections: Connection[]) {
  const asked: (string | null)[] = [];
  const client = createClient({
    baseUrl: "http://tape.test",
    token: "secret",
    fetch: async (request) => {
      asked.push(request.headers.get("last-event-id"));
      const next = connections.shift();
      if (next === undefined) return new Response(new ReadableStream({ start: (body) => request.signal.addEventListener("abort", () => body.error(new Error("aborted"))) }));
      if (next === "away") throw new TypeError("fetch failed");
      if (next instanceof TapeError) return Response.json(next.toBody(), { status: next.status });
      return new Response(next.map((one) => `event: value\nid: ${one.version}\ndata: ${JSON.stringify(one)}\n\n`).join(""));
    },
  });
  const ending = new AbortController();
  const seen: number[] = [];
  const done = (async () => {
    for await (const { version } of client.values.watch("n", "k", { fromVersion: 2, signal: ending.signal })) seen.push(version);
  })();
  return { asked, seen, done, ending };
}

it("asks again from the last version across breaks and a server that is away, each version once", async () => {
  const { asked, seen, done, ending } = watching([[change(3), change(4)], "away", new TapeError("unavailable", "stopping"), [change(4), change(5), change(9, 3)]]);
  await vi.advanceTimersByTimeAsync(30_000);
  expect([seen, asked]).toEqual([[3, 4, 5, 9], ["2", "4", "4", "4", "9"]]);
  ending.abort();
  await done;
});

it("asks again when it sees a hole that nobody speaks of", async () => {
  const { asked, seen, done, ending } = watching([[change(3), change(5)], [change(4), change(5)]]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect([seen, asked]).toEqual([[3, 4, 5], ["2", "3", "5"]]);
  ending.abort();
  await done;
});

it("ends with what asking again does not change", async () => {
  const { asked, done } = watching([new TapeError("forbidden", "no")]);
  await expect(done).rejects.toMatchObject({ code: "forbidden" });
  expect(asked).toHaveLength(1);
});

it("keeps nothing running once it is stopped, also while it waits", async () => {
  const { done, ending } = watching(["away"]);
  await vi.advanceTimersByTimeAsync(10);
  ending.abort();
  await done;
  expect(vi.getTimerCount()).toBe(0);
});
