import type { Store } from "@tape/store";
import { surroundings } from "./env.ts";

export interface Connection {
  store(): Promise<Store>;
  use(store: Store): void;
  close(): Promise<void>;
}

/** Opens the store on first use, so that defining agents costs nothing and needs no database. */
export function connect(databaseUrl?: string): Connection {
  let opened: Promise<Store> | undefined;
  let given: Store | undefined;

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
    use: (store) => {
      given = store;
    },
    close: async () => {
      const store = await opened;
      opened = undefined;
      await store?.close();
    },
  };
}
