import type { Ack, ClientEvents, Entry, Gate, Run, RunSummary, ServerEvents, ValueChange } from "@tape/core";
import { io, type Socket } from "socket.io-client";

type ClientSocket = Socket<ServerEvents, ClientEvents>;

/** A client that remembers everything it was told. */
export interface LiveClient {
  socket: ClientSocket;
  entries: Entry[];
  runs: Run[];
  upserts: RunSummary[];
  removed: string[];
  gates: Gate[];
  openCounts: number[];
  values: ValueChange[];
  /** The reason it was last disconnected, or refused. */
  ended: string | null;
}

export interface LiveClients {
  /** Resolves when connected, rejects with the refusal. */
  connect(by: { token?: string; cookie?: string; origin?: string; url?: string; transports?: ("websocket" | "polling")[] }): Promise<LiveClient>;
  close(): void;
}

export function liveClients(url: string): LiveClients {
  const sockets = new Set<ClientSocket>();
  return {
    connect(by) {
      const extraHeaders = { ...(by.cookie && { cookie: by.cookie }), ...(by.origin && { origin: by.origin }) };
      const socket: ClientSocket = io(by.url ?? url, {
        forceNew: true,
        reconnection: false,
        transports: by.transports ?? ["websocket"],
        extraHeaders,
        ...(by.token !== undefined && { auth: { token: by.token } }),
      });
      sockets.add(socket);
      const client: LiveClient = { socket, entries: [], runs: [], upserts: [], removed: [], gates: [], openCounts: [], values: [], ended: null };
      socket.on("entries", ({ entries }) => client.entries.push(...entries));
      socket.on("run", ({ run }) => client.runs.push(run));
      socket.on("runs", ({ upserts, removed }) => {
        client.upserts.push(...upserts);
        client.removed.push(...removed);
      });
      socket.on("gates", ({ upserts, openCount }) => {
        client.gates.push(...upserts);
        client.openCounts.push(openCount);
      });
      socket.on("value", ({ watchId: _, ...change }) => client.values.push(change));
      socket.on("disconnect", (reason) => (client.ended = reason));
      return new Promise((resolve, reject) => {
        socket.on("connect", () => resolve(client));
        socket.on("connect_error", reject);
      });
    },
    close() {
      for (const socket of sockets) socket.disconnect();
    },
  };
}

/** The answer of an acknowledgement, or the refusal in it, thrown. */
export function answered<T extends object>(answer: Ack<T>): T {
  if ("error" in answer) throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
  return answer;
}
