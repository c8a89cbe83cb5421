import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { TapeError } from "@tape/core";

const HEADERS = { "content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff", connection: "close" };

/** What HTTP itself cannot read is told by the body of every error, and its connection is ended: what follows on it cannot be told apart. */
export function refuseMalformed(server: Server): void {
  server.on("clientError", ({ code }: NodeJS.ErrnoException, socket: Duplex & { _httpMessage?: { _headerSent?: boolean } | null }) => {
    // Gone, or in the middle of an answer.
    if (!socket.writable || socket._httpMessage?._headerSent) return void socket.destroy();
    const { body, status } = messageOf(code === "HPE_HEADER_OVERFLOW" ? headersTooLarge() : malformed());
    const headers = Object.entries({ ...HEADERS, "content-length": Buffer.byteLength(body) }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} Refused\r\n${headers.join("")}\r\n${body}`);
  });
  server.on("checkExpectation", (_: IncomingMessage, response: ServerResponse) => answerMalformed(response));
}

/** For an address or a host that cannot be read. */
export function answerMalformed(response: ServerResponse): void {
  const { body, status } = messageOf(malformed());
  response.writeHead(status, HEADERS).end(body);
}

export function malformed(): TapeError {
  return new TapeError("invalid_input", "This request cannot be read: look at its address, its Host and its headers.");
}

function headersTooLarge(): TapeError {
  return new TapeError("payload_too_large", "The headers are over the limit of 16 KiB: send less, or send it in the body.");
}

function messageOf(error: TapeError): { status: number; body: string } {
  return { status: error.status, body: JSON.stringify(error.toBody()) };
}
