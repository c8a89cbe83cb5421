import { createHintHub, type HintHub, type Store } from "@tape/store";
import { surroundings } from "./env.ts";

export interface Connection {
  store(): Promise<Store>;
  /** The hints of this process: one listener for everybody who watches or waits, opened with the first of them. */
  hints(store: Store): HintHub;
  /** Aborted when the tape is closed: whoever watches or waits by then stops. */
  readonly closing: AbortSignal;
  use(store: Store): void;
  close(): Promise<void>;
}

/** Opens the store on first use, so that defining agents costs nothing and needs no database. */
export function connect(databaseUrl?: string): Connection {
  let opened: Promise<Store> | undefined;
  let given: Store | undefined;
  let hub: HintHub | undefined;
  let closing = new AbortController();

  async function open(): Promise<Store> {
    const [{ resolveDatabaseUrl }, { openStore }] = await Promise.all([import("@tape/prisma"), import("@tape/store")]);
    const connectionString = databaseUrl ?? (await resolveDatabaseUrl(surroundings()));
    return openStore({ connectionString, applicationName: "tape sdk" });
  }

  return {
    store: () => {
      if (given) return Promise.resolve(given);
      opened ??= open().catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      return opened;
    },
    hints: ({ connectionString }) => (hub ??= createHintHub({ connectionString, applicationName: "tape sdk hints" })),
    get closing() {
      return closing.signal;
    },
    use: (store) => {
      given = store;
    },
    close: async () => {
      const [store, listening] = [await opened, hub];
      opened = hub = undefined;
      closing.abort();
      closing = new AbortController();
      await listening?.stop();
      await store?.close();
    },
  };
}
