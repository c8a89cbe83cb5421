import { request as httpRequest, type Agent, type OutgoingHttpHeaders } from "node:http";
import { connect } from "node:net";

/** A request whose path and headers are sent as they are: `fetch` would tidy them. */
export interface RawRequest {
  method: string;
  path: string;
  headers: OutgoingHttpHeaders;
  body?: string | Buffer;
}

export interface RawAnswer {
  status: number;
  contentType: string;
  /** Empty for a stream, which is closed once it has begun. */
  text: string;
}

/** Nothing that is asked here takes this long (ms). */
const DEADLINE_MS = 15_000;

export function sendRaw(url: string, { method, path, headers, body }: RawRequest, agent?: Agent): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ hostname, port, method, path, headers, ...(agent && { agent }), timeout: DEADLINE_MS }, (response) => {
      const contentType = String(response.headers["content-type"] ?? "");
      const status = response.statusCode ?? 0;
      if (contentType.startsWith("text/event-stream") && status === 200) {
        resolve({ status, contentType, text: "" });
        sent.destroy();
        return;
      }
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status, contentType, text }));
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${DEADLINE_MS} ms`)));
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Bytes as they are, to the end of what comes back; what is no HTTP at all is answered too. */
export function sendBytes(url: string, bytes: string | Buffer): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = "";
    socket.setEncoding("utf8").setTimeout(DEADLINE_MS);
    socket.on("data", (chunk) => (text += String(chunk)));
    socket.on("timeout", () => socket.destroy(new Error(`no answer within ${DEADLINE_MS} ms: ${text}`)));
    socket.on("error", reject);
    socket.on("close", () => {
      const [head = "", ...rest] = text.split("\r\n\r\n");
      const [, contentType = ""] = /^content-type: *(.*)$/im.exec(head) ?? [];
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), contentType, text: unchunked(rest.join("\r\n\r\n"), head) });
    });
  });
}

function unchunked(body: string, head: string): string {
  return /^transfer-encoding: *chunked/im.test(head) ? body.replaceAll(/(?:^|\r\n)[0-9a-f]+\r\n/gi, "").trimEnd() : body;
}
