import type { Store } from "../store.ts";
import { inTransaction } from "../transaction.ts";

export interface RegisterWorker {
  id: string;
  host: string;
  pid: number;
  /** The session advisory lock that its control connection holds; null where sessions do not last. */
  lockKey: bigint | number | null;
  agents: readonly {
    app: string;
    agent: string;
    version: string | null;
    /** It claims only runs that are pinned to its version. */
    pinned: boolean;
    title: string | null;
    /** JSON Schema of the agent's input; null takes anything. */
    inputSchema: unknown;
  }[];
  /** What the reactors of this worker can do, each by its name. */
  tools: readonly { app: string; tool: string; can: WorkerCan }[];
}

/** Ask after a tool's effects, run a compensator, handle a kind of timer, send by a connector, deliver to a sink. */
export type WorkerCan = "check" | "compensate" | "timer" | "dispatch" | "sink";

/** Says that a worker is there and what it has loaded. Said again, it replaces what was said before. */
export async function registerWorker(store: Store, { id, host, pid, lockKey, agents, tools }: RegisterWorker): Promise<void> {
  await inTransaction(store, async (tx) => {
    await tx.query(
      `INSERT INTO tape.workers (id, host, pid, started_at, beat_at, lock_key) VALUES ($1, $2, $3, tape.now(), tape.now(), $4)
       ON CONFLICT (id) DO UPDATE SET host = excluded.host, pid = excluded.pid, beat_at = excluded.beat_at, lock_key = excluded.lock_key, stopping = false`,
      [id, host, pid, lockKey === null ? null : String(lockKey)],
    );
    await tx.query("DELETE FROM tape.worker_agents WHERE worker_id = $1", [id]);
    await tx.query("DELETE FROM tape.worker_tools WHERE worker_id = $1", [id]);
    await tx.query(
      `INSERT INTO tape.worker_agents (worker_id, app, agent, version, pinned, title, input_schema)
       SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::bool[], $6::text[], $7::text[]) ON CONFLICT DO NOTHING`,
      [
        id,
        agents.map(({ app }) => app),
        agents.map(({ agent }) => agent),
        agents.map(({ version }) => version),
        agents.map(({ pinned }) => pinned),
        agents.map(({ title }) => title),
        agents.map(({ inputSchema }) => (inputSchema == null ? null : JSON.stringify(inputSchema))),
      ],
    );
    await tx.query("INSERT INTO tape.worker_tools (worker_id, app, tool, can) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING", [
      id,
      tools.map(({ app }) => app),
      tools.map(({ tool }) => tool),
      tools.map(({ can }) => can),
    ]);
  });
}
