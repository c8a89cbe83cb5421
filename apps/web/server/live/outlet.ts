import type { ServerEvents } from "@tape/core";
import type { Stream } from "../http/streams.ts";
import type { LiveSocket } from "./types.ts";

/** The outgoing side of one reader: says when it is better not to send, so that a slow one costs no memory here. */
export interface Outlet {
  emit<Event extends keyof ServerEvents>(event: Event, ...message: Parameters<ServerEvents[Event]>): void;
  readonly isClosed: boolean;
  /** Is what was sent before still waiting to leave? */
  isCongested(): boolean;
  /** Resolves once there is room again, or the reader is gone. */
  whenReady(): Promise<void>;
  /** Gives up on a reader that cannot follow: it connects again and asks from what it has. */
  drop(): void;
}

/** Packets that may wait in the transport; the kernel and the browser buffer beyond that. */
const MOST_WAITING = 4;
/** How often a congested socket is looked at (ms), beside being told that it drained. */
const LOOK_MS = 250;

export function createOutlet(socket: LiveSocket): Outlet {
  const outlet: Outlet = {
    emit: (event, ...message) => void socket.emit(event, ...message),
    get isClosed() {
      return !socket.connected;
    },
    // A public field that the typings hide: packets that the transport has not taken yet.
    isCongested: () => (socket.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length >= MOST_WAITING,
    async whenReady() {
      while (!outlet.isClosed && outlet.isCongested()) await drained(socket);
    },
    drop: () => void socket.disconnect(true),
  };
  return outlet;
}

/** A stream as a reader of a room; `emit` says what goes out for which event. */
export function createStreamOutlet(stream: Stream, emit: (event: keyof ServerEvents, message: unknown) => void): Outlet {
  return {
    emit: (event, ...[message]) => emit(event, message),
    get isClosed() {
      return stream.isClosed;
    },
    isCongested: stream.isCongested,
    whenReady: stream.whenReady,
    drop: stream.end,
  };
}

function drained(socket: LiveSocket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      socket.conn.off("drain", done);
      socket.off("disconnect", done);
      resolve();
    };
    const timer = setTimeout(done, LOOK_MS);
    socket.conn.on("drain", done);
    socket.on("disconnect", done);
  });
}
