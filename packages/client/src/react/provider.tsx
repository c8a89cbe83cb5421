import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { createClient, type TapeClient } from "../http/create-client.ts";
import { connectLive, type Live } from "../live/connect.ts";
import type { Connection } from "../live/connection.ts";

interface Tape {
  client: TapeClient;
  /** Null until the page runs in a browser. */
  live: Live | null;
}

const TapeContext = createContext<Tape | null>(null);

/** One client and one socket for everything below. `baseUrl` is the page's own origin when it is left out. */
export function TapeProvider({ baseUrl = "", children }: { baseUrl?: string; children: ReactNode }) {
  const client = useMemo(() => createClient({ baseUrl }), [baseUrl]);
  const [live, setLive] = useState<Live | null>(null);
  useEffect(() => {
    const connected = connectLive({ client, ...(baseUrl !== "" && { baseUrl }) });
    setLive(connected);
    return () => connected.close();
  }, [client, baseUrl]);
  const tape = useMemo(() => ({ client, live }), [client, live]);
  return <TapeContext value={tape}>{children}</TapeContext>;
}

export function useTape(): Tape {
  const tape = useContext(TapeContext);
  if (tape === null) throw new Error("useTape needs a <TapeProvider> above it.");
  return tape;
}

const BEFORE: Connection = { state: "connecting", asOfMs: null, skewMs: 0 };
const never = () => () => undefined;

/** The state of the connection, the time of the last word from the server, and how far this machine's clock is off. */
export function useConnection(): Connection {
  const { live } = useTape();
  return useSyncExternalStore(
    live?.connection.subscribe ?? never,
    () => live?.connection.get() ?? BEFORE,
    () => BEFORE,
  );
}
