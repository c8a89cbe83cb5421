import { TapeError } from "@tape/core";
import type { Logger } from "../log.ts";

/** One `text/event-stream` that is being answered. */
export interface Stream {
  readonly isClosed: boolean;
  /** Does what was sent before still wait to leave? */
  isCongested(): boolean;
  /** Resolves once there is room again, or the reader has gone. */
  whenReady(): Promise<void>;
  /** `data` is one line: JSON. `id` comes back as `Last-Event-ID`. */
  send(event: string, data: string, id?: string | number): void;
  /** Ends it in order; a reader that wants more connects again. */
  end(): void;
}

export interface StreamRequest {
  /** Who reads. The streams of one holder are counted, and looked at together. */
  holder: string;
  /** Does what let the holder in still hold? Asked every {@link SWEEP_MS}; a rejection leaves its streams as they are. */
  holds: () => Promise<boolean>;
  /** Begins to send. The answer is called once, when the stream has ended. */
  begin: (stream: Stream) => () => void;
}

/** A comment goes out this often, so that proxies and readers see that the other end is there (ms). */
const HEARTBEAT_MS = 15_000;
/** How often it is looked whether sessions, tokens and links of readers still hold (ms). */
const SWEEP_MS = 2_000;
/** Streams that one holder may have. */
const MOST = 200;
/** What may wait for a slow reader (bytes), beside one message. */
const BUFFER_BYTES = 256 * 1024;
/** How long a browser waits before it connects again (ms). */
const RETRY_MS = 1_000;

interface Open {
  holder: string;
  holds: () => Promise<boolean>;
  stream: Stream;
  beat(): void;
}

/** Answers that do not end. All of them end when the server stops. */
export function createStreams(log: Logger) {
  const streams = new Set<Open>();
  let isStopped = false;
  const heart = setInterval(() => streams.forEach((open) => open.beat()), HEARTBEAT_MS).unref();
  let sweeper = setTimeout(() => void sweep(), SWEEP_MS).unref();

  async function sweep(): Promise<void> {
    const holders = new Map<string, Open[]>();
    for (const open of streams) holders.set(open.holder, [...(holders.get(open.holder) ?? []), open]);
    for (const [, theirs] of holders) {
      try {
        if (!(await theirs[0]!.holds())) theirs.forEach(({ stream }) => stream.end());
      } catch (error) {
        log.debug({ err: error }, "a reader could not be looked up; its streams stay until it can");
      }
    }
    if (!isStopped) sweeper = setTimeout(() => void sweep(), SWEEP_MS).unref();
  }

  return {
    /** @throws {TapeError} `rate_limited` when this holder has too many, `unavailable` while the server stops. */
    open({ holder, holds, begin }: StreamRequest): Response {
      if (isStopped) throw new TapeError("unavailable", "This server is stopping. Try again in a moment.");
      let count = 0;
      for (const open of streams) if (open.holder === holder) count++;
      if (count >= MOST) throw new TapeError("rate_limited", `At most ${MOST} streams at once: close some first.`, { retryAfterS: 5 });
      const { body, stream, beat, ended } = createStream();
      const open: Open = { holder, holds, stream, beat };
      streams.add(open);
      const leave = begin(stream);
      void ended.then(() => {
        streams.delete(open);
        leave();
      });
      return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" } });
    },
    count: () => streams.size,
    stop(): void {
      isStopped = true;
      clearInterval(heart);
      clearTimeout(sweeper);
      for (const { stream } of streams) stream.end();
    },
  };
}

export type Streams = ReturnType<typeof createStreams>;

function createStream() {
  const encoder = new TextEncoder();
  let isClosed = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  let close: () => void = () => {};
  const ended = new Promise<void>((resolve) => (close = resolve));
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const finish = () => {
    isClosed = true;
    wake();
    close();
  };
  const body = new ReadableStream<Uint8Array>(
    { start: (given) => void (controller = given), pull: wake, cancel: finish },
    { highWaterMark: BUFFER_BYTES, size: (chunk) => chunk.byteLength },
  );
  const write = (text: string) => void (!isClosed && controller.enqueue(encoder.encode(text)));
  // At once, so that the reader knows that it is connected.
  write(`retry: ${RETRY_MS}\n\n`);
  const isCongested = () => !isClosed && (controller.desiredSize ?? 0) <= 0;

  const stream: Stream = {
    get isClosed() {
      return isClosed;
    },
    isCongested,
    async whenReady() {
      while (isCongested()) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    send: (event, data, id) => write(`event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${data}\n\n`),
    end() {
      if (isClosed) return;
      controller.close();
      finish();
    },
  };
  return { body, stream, ended, beat: () => void (!isCongested() && write(": still here\n\n")) };
}
