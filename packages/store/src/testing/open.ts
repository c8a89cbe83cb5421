import { createTestDatabase, type TestDatabase } from "@tape/prisma/testing";
import { openStore, type Store } from "../store.ts";

export interface TestStore extends Store {
  readonly database: TestDatabase;
}

/** A store on a database of its own; `close` drops it. */
export async function openTestStore({ max = 10 }: { max?: number } = {}): Promise<TestStore> {
  const database = await createTestDatabase();
  const store = openStore({ connectionString: database.url, applicationName: "tape test", max });
  return {
    ...store,
    database,
    close: async () => {
      await store.close();
      await database.drop();
    },
  };
}
