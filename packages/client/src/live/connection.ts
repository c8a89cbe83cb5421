import { cell, type Source } from "../state/source.ts";

export interface Connection {
  /**
   * `connecting` before the first answer, `live` while changes are pushed, `reconnecting` while they are asked for instead,
   * `signed_out` when the session has ended.
   */
  state: "connecting" | "live" | "reconnecting" | "signed_out";
  /** The server's time of the last answer or push (ms since 1970); null before the first. */
  asOfMs: number | null;
  /** What to add to this machine's clock to get the server's. */
  skewMs: number;
}

/** Keeps what the header says: the state of the connection and the time of the last word from the server. */
export interface ConnectionLog extends Source<Connection> {
  become(state: Connection["state"]): void;
  /** Something arrived; with `serverTime` when the message carries it. */
  heard(serverTime?: string): void;
}

export function connectionLog(now: () => number = Date.now): ConnectionLog {
  const state = cell<Connection>({ state: "connecting", asOfMs: null, skewMs: 0 });
  return {
    get: state.get,
    subscribe: state.subscribe,
    become(next) {
      if (state.get().state !== next) state.set({ ...state.get(), state: next });
    },
    heard(serverTime) {
      const skewMs = serverTime === undefined ? state.get().skewMs : steady(state.get().skewMs, Date.parse(serverTime) - now());
      state.set({ ...state.get(), skewMs, asOfMs: now() + skewMs });
    },
  };
}

/** Answers differ by their way here; a quarter of a second is not a clock that is wrong. */
function steady(known: number, measured: number): number {
  return Math.abs(known - measured) < 250 ? known : measured;
}
