import type { LiveSocket } from "./types.ts";

/** The outgoing side of one socket: says when it is better not to send, so that a slow reader costs no memory here. */
export interface Outlet {
  readonly socket: LiveSocket;
  readonly isClosed: boolean;
  /** Is what was sent before still waiting to leave? */
  isCongested(): boolean;
  /** Resolves once there is room again, or the socket is gone. */
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
    socket,
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
