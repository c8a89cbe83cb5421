/** One event of a `text/event-stream`. `id` is the last one that was sent, as `Last-Event-ID` wants it. */
export interface StreamEvent {
  event: string;
  data: string;
  id: string;
}

/**
 * The events of a streamed answer, in order, until it ends. `EventSource` would do the same in a browser, but it can send no
 * token and does not exist everywhere else.
 *
 * @throws {Error} When nothing, not even a heartbeat, came for `silenceMs`.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>, silenceMs: number): AsyncGenerator<StreamEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  let draft = { event: "message", data: [] as string[] };
  let id = "";
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), silenceMs);
      if (done) return;
      // A lone CR may be the first half of a CRLF that continues in the next chunk.
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "") {
          if (draft.data.length > 0) yield { event: draft.event, data: draft.data.join("\n"), id };
          draft = { event: "message", data: [] };
          continue;
        }
        const [, name = "", text = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
        if (name === "event") draft.event = text;
        else if (name === "data") draft.data.push(text);
        else if (name === "id" && !text.includes("\0")) id = text;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(`Nothing came for ${ms} ms.`)), ms)));
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}
