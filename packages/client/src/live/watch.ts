import { TapeError, errorBody, type Ack, type ClientEvents, type ServerEvents } from "@tape/core";
import type { Socket } from "socket.io-client";
import type { TapeClient } from "../http/create-client.ts";

export type LiveSocket = Socket<ServerEvents, ClientEvents>;

/** What every watch is given. */
export interface Wire {
  client: TapeClient;
  socket: LiveSocket;
  /** Something arrived; with the server's time when the message carries it. */
  heard(serverTime?: string): void;
}

/** One thing that is watched: pushed by the server while there is a socket, asked for over HTTP while there is none. */
export interface Watch {
  /** Asks the server to push what follows the last thing that is here. Called at each connect. */
  ask(): Promise<void>;
  /** Asks over HTTP for what follows. */
  poll(): Promise<void>;
  stop(): void;
}

/** The acknowledged answer, or the error in it, thrown. */
export function answerOf<T extends object>(answer: Ack<T>): T {
  const refused = errorBody.safeParse(answer);
  if (!refused.success) return answer as T;
  const { code, message, details } = refused.data.error;
  throw new TapeError(code, message, details);
}

/** How long the server may take to acknowledge (ms); then the watch is asked for again. */
export const ACK_TIMEOUT_MS = 10_000;
