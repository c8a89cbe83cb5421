import type { Store } from "@tape/store";

type Pool = Store["pool"];

/** What is used of a connection. */
interface Client {
  query(...statement: unknown[]): Promise<unknown>;
  release(): void;
}

/** The one clock of a history (ms since 1970). It stands still until a command moves it. */
export interface Clock {
  now: number;
}

/** A pool whose connections all tell the time of `clock` as `tape.now()`. */
export function frozen(pool: Pool, clock: Clock): Pool {
  const told = new WeakMap<Client, number>();
  const take = pool.connect.bind(pool) as unknown as () => Promise<Client>;

  async function connect(): Promise<Client> {
    const client = await take();
    if (told.get(client) !== clock.now) {
      await client.query(`SET tape.now = '${new Date(clock.now).toISOString()}'`);
      told.set(client, clock.now);
    }
    return client;
  }

  async function query(...statement: unknown[]): Promise<unknown> {
    const client = await connect();
    try {
      return await client.query(...statement);
    } finally {
      client.release();
    }
  }

  return Object.assign(Object.create(pool) as Pool, { connect, query });
}
