/** The tables that are compared, each with the columns (as the model names them) that its rows are known by. */
export const COMPARED: Readonly<Record<string, readonly string[]>> = {
  runs: ["id"],
  invocations: ["app", "invocationId"],
  entries: ["runId", "seq"],
  effects: ["runId", "key"],
  obligations: ["runId", "id"],
  gates: ["runId", "id"],
  timers: ["runId", "id"],
  values: ["namespace", "key"],
  value_history: ["namespace", "key", "version"],
  business_keys: ["connector", "businessKey"],
  idempotency_keys: ["scope", "key"],
  workers: ["id"],
  worker_agents: ["workerId", "app", "agent"],
  worker_tools: ["workerId", "app", "tool", "can"],
  audit: ["place"],
};

/** Tables that are not, and why. Bodies are compared as the payloads of their entries. */
export const TABLES_LEFT_OUT: Readonly<Record<string, string>> = {
  bodies: "read with the entries",
  _prisma_migrations: "of the schema, not of the journal",
  users: "accounts",
  sessions: "accounts",
  accounts: "accounts",
  verifications: "accounts",
  api_tokens: "accounts",
  sinks: "readers of the journal, not part of it",
  settings: "made once and kept: the session secret",
};

/** Columns that are not compared, and why. */
export const COLUMNS_LEFT_OUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  entries: { tx: "PostgreSQL's own number of the transaction: nothing but the feed goes by it" },
  runs: { thinned_as: "written by retention alone" },
  audit: { id: "says no more than the order of the lines", position: "written by the sealer", hash: "written by the sealer", source: "an address, kept as it was given" },
  idempotency_keys: { created_at: "by which old ones are pruned" },
  worker_agents: { title: "words for a screen", input_schema: "words for a screen" },
};

/** Columns of JSON text that the model has as values. */
export const PARSED: Readonly<Record<string, readonly string[]>> = {
  runs: ["waits", "stuck"],
  bodies: ["body"],
  audit: ["details"],
};

/** Is this column an instant? */
export function isInstant(column: string): boolean {
  return column.endsWith("_at") || column === "at" || column === "unknown_since";
}
