import os from "node:os";
import { openStore } from "@tape/store";

/** What the figures were measured on. */
export interface Machine {
  processor: string;
  cores: number;
  memoryGb: number;
  system: string;
  node: string;
  postgres: string;
  /** How durable its commits are: `fsync` and `synchronous_commit`. */
  durability: string;
  /** Of the last minute before the bench began: over a tenth of the cores, others were at work. */
  load: number;
}

export async function describeMachine(databaseUrl: string): Promise<Machine> {
  const store = openStore({ connectionString: databaseUrl, applicationName: "tape bench" });
  try {
    const { rows } = await store.pool.query<{ version: string; fsync: string; commit: string }>(
      "SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit",
    );
    const [{ version, fsync, commit } = { version: "", fsync: "", commit: "" }] = rows;
    const cores = os.cpus();
    return {
      processor: cores[0]?.model ?? "unknown",
      cores: cores.length,
      memoryGb: Math.round(os.totalmem() / 1e9),
      system: `${os.type()} ${os.release()} ${os.arch()}`,
      node: process.version,
      postgres: version,
      durability: `fsync ${fsync}, synchronous_commit ${commit}`,
      load: Math.round((os.loadavg()[0] ?? 0) * 100) / 100,
    };
  } finally {
    await store.close();
  }
}
