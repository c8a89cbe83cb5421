import { TapeError } from "@tape/core";
import { toTapeError } from "@tape/store";
import { identify, type Surroundings } from "../auth/identity.ts";
import type { Logger } from "../log.ts";
import type { LiveServer, LiveSocket } from "./types.ts";

/** A handshake that meets a database that is away is cut after this long, and the client tries again by itself (ms). */
const TRY_AGAIN_MS = 1000;
/** How often it is looked whether the sessions and tokens of connected sockets still hold (ms). */
const SWEEP_MS = 2000;

/**
 * Lets in who has a session or a token, like HTTP; a refusal carries the body of DESIGN §8 as `data`. An end of the
 * session drops its sockets within {@link SWEEP_MS}.
 */
export function admitSockets(io: LiveServer, surroundings: Surroundings, log: Logger): { stop(): void } {
  io.use((socket, next) => {
    identify(surroundings, headersOf(socket)).then(
      (identity) => {
        if (!identity) return next(refusal(new TapeError("unauthenticated", "Sign in with a one-time link, or pass a token as auth.token.")));
        socket.data.identity = identity;
        next();
      },
      (error: unknown) => {
        const known = toTapeError(error);
        if (TapeError.is(known, "unavailable")) return void setTimeout(() => socket.conn.close(), TRY_AGAIN_MS);
        log.error({ err: error }, "a socket could not be admitted");
        next(refusal(new TapeError("internal", "Something went wrong in the server. Its log has the details.")));
      },
    );
  });

  let timer = setTimeout(sweep, SWEEP_MS);
  let isStopped = false;

  async function sweepOnce(): Promise<void> {
    const holders = new Map<string, LiveSocket[]>();
    for (const socket of io.sockets.sockets.values()) {
      const key = JSON.stringify(socket.data.identity.credential);
      holders.set(key, [...(holders.get(key) ?? []), socket]);
    }
    for (const sockets of holders.values()) {
      const [first] = sockets;
      const identity = first && (await identify(surroundings, headersOf(first)));
      for (const socket of sockets) {
        if (identity) socket.data.identity = identity;
        else socket.disconnect(true);
      }
    }
  }

  function sweep(): void {
    sweepOnce()
      .catch((error: unknown) => log.debug({ err: error }, "sessions could not be looked up; sockets stay until they can"))
      .finally(() => {
        if (!isStopped) timer = setTimeout(sweep, SWEEP_MS);
      });
  }

  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

function refusal(error: TapeError): Error {
  return Object.assign(new Error(error.code), { data: error.toBody() });
}

/** The handshake's own headers; `auth.token` stands in for an Authorization header that browsers cannot set. */
function headersOf(socket: LiveSocket): Headers {
  const headers = new Headers();
  const { authorization, cookie } = socket.handshake.headers;
  const token: unknown = socket.handshake.auth["token"];
  if (typeof token === "string") headers.set("authorization", `Bearer ${token}`);
  else if (authorization !== undefined) headers.set("authorization", authorization);
  if (cookie !== undefined) headers.set("cookie", cookie);
  return headers;
}
