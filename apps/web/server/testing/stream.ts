/** A `text/event-stream` that is being read, and everything it has brought. */
export interface ReadStream {
  status: number;
  headers: Headers;
  events: { event: string; id: string | null; data: unknown }[];
  /** Comments: heartbeats. */
  comments: number;
  isEnded: boolean;
  close(): void;
}

/** Begins to read; a refusal is told by its status. */
export async function readStream(url: string, headers: Record<string, string> = {}): Promise<ReadStream> {
  const ending = new AbortController();
  const response = await fetch(url, { headers, signal: ending.signal });
  const stream: ReadStream = { status: response.status, headers: response.headers, events: [], comments: 0, isEnded: false, close: () => ending.abort() };
  void (async () => {
    let rest = "";
    try {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + chunk).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) take(stream, block);
      }
    } catch {
      // Cut off: as good as ended.
    }
    stream.isEnded = true;
  })();
  return stream;
}

function take(stream: ReadStream, block: string): void {
  if (block.startsWith(":")) stream.comments++;
  const fields = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]));
  const data = fields.get("data");
  if (data !== undefined) stream.events.push({ event: fields.get("event") ?? "message", id: fields.get("id") ?? null, data: JSON.parse(data) });
}
