import type { Server as HttpServer } from "node:http";
import { Server } from "socket.io";
import type { Hint } from "@tape/core";
import type { Surroundings } from "../auth/identity.ts";
import { isForeignOrigin } from "../http/origin.ts";
import type { Logger } from "../log.ts";
import { admitSockets } from "./admit.ts";
import { followHints } from "./follow.ts";
import { handleSocket } from "./handlers.ts";
import type { Rooms } from "./rooms.ts";
import type { LiveReads, LiveServer } from "./types.ts";

export interface LiveOptions {
  server: HttpServer;
  surroundings: Surroundings;
  rooms: Rooms;
  reads: LiveReads;
  connectionString: string;
  log: Logger;
  onHint?: (hint: Hint) => void;
}

/** Questions of a client are small; a larger message ends its connection. */
const MOST_MESSAGE_BYTES = 64 * 1024;

/** Socket.IO at `/socket.io` on our server: who comes from a page of ours and is signed in may watch. */
export function createLive({ server, surroundings, rooms, reads, connectionString, log, onHint }: LiveOptions) {
  const io: LiveServer = new Server(server, {
    path: "/socket.io",
    serveClient: false,
    // Upgrades of other paths belong to Next's development server.
    destroyUpgrade: false,
    maxHttpBufferSize: MOST_MESSAGE_BYTES,
    allowRequest: ({ headers }, decide) => {
      const isForeign = isForeignOrigin(headers.origin, headers.host);
      decide(isForeign ? "Sockets are for pages of this console: the Origin must be this host." : null, !isForeign);
    },
  });
  const admission = admitSockets(io, surroundings, log);
  const follow = followHints({ connectionString, rooms, log, ...(onHint && { onHint }) });
  io.on("connection", (socket) => handleSocket(socket, { reads, rooms, log }));

  return {
    countSockets: () => io.sockets.sockets.size,
    isListening: () => follow.isListening,
    /** Drops every socket and stops following. The HTTP server stays the caller's. */
    async stop(): Promise<void> {
      admission.stop();
      io.disconnectSockets(true);
      io.engine.close();
      await follow.stop();
    },
  };
}

export type Live = ReturnType<typeof createLive>;
