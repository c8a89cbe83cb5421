import { afterEach, expect, it, vi } from "vitest";
import { readEvents, type StreamEvent } from "./event-stream.ts";

afterEach(() => void vi.useRealTimers());

/** The text as a network brings it, cut into pieces of so many bytes. */
function bodyOf(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

async function all(body: ReadableStream<Uint8Array>): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of readEvents(body, 1000)) events.push(event);
  return events;
}

it("reads the same whatever pieces it comes in, and whatever ends a line", async () => {
  const text = 'retry: 1000\n\nevent: value\nid: 1\ndata: {"to":"Söhne"}\n\n: still here\n\nid:2\ndata: a\ndata:  b\nunknown: x\n\nevent: none\n\ndata\n\ndata: cut off';
  const expected = [
    { event: "value", id: "1", data: '{"to":"Söhne"}' },
    { event: "message", id: "2", data: "a\n b" },
    { event: "message", id: "2", data: "" },
  ];
  for (const ending of ["\n", "\r\n", "\r"]) {
    for (const size of [1, 2, 3, 7, 1000]) expect([ending, size, await all(bodyOf(text.replaceAll("\n", ending), size))]).toEqual([ending, size, expected]);
  }
});

it("gives up on a connection that fell silent, and lets go of it", async () => {
  vi.useFakeTimers();
  const cancelled = vi.fn();
  const silent = new ReadableStream<Uint8Array>({ cancel: cancelled });
  const reading = all(silent);
  const failed = expect(reading).rejects.toThrow("Nothing came for 1000 ms.");
  await vi.advanceTimersByTimeAsync(1000);
  await failed;
  expect(cancelled).toHaveBeenCalledOnce();
});

it("lets go of the connection when its reader stops early", async () => {
  const cancelled = vi.fn();
  const endless = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")), cancel: cancelled });
  for await (const { data } of readEvents(endless, 1000)) {
    expect(data).toBe("1");
    break;
  }
  expect(cancelled).toHaveBeenCalledOnce();
});
