import { plainJson, type Model } from "../../model/index.ts";
import { placed, wholeOf, type Row, type Whole } from "./rows.ts";

/** What the model holds, in the shape of {@link wholeOfStore}. */
export function wholeOfModel(model: Model): Whole {
  const runs = [...model.runs.values()];
  const versions = [...model.values.values()];
  const workers = [...model.workers.values()];
  return wholeOf({
    runs: runs.map(plain),
    // A run's own id is no invocation that anybody named.
    invocations: runs.flatMap(({ id, app, invocationId, fingerprint, createdAt }) => (invocationId === id ? [] : [{ app, invocationId, runId: id, fingerprint, createdAt }])),
    entries: [...model.journals].flatMap(([runId, journal]) => journal.map((entry) => plain({ runId, ...entry }))),
    effects: [...model.effects.values()].map(plain),
    obligations: [...model.obligations.values()].map(plain),
    gates: [...model.gates.values()].map(plain),
    timers: [...model.timers.values()].map(plain),
    values: versions.flatMap((own) => own.slice(-1).map(({ step: _step, ...row }) => plain(row))),
    value_history: versions.flat().map(plain),
    business_keys: [...model.businessKeys.values()].map(plain),
    idempotency_keys: [...model.idempotencyKeys].map(([name, row]) => ({ scope: name.split("\0")[0], key: name.split("\0")[1], ...row })),
    workers: workers.map(({ agents: _agents, tools: _tools, lockKey, ...row }) => plain({ ...row, lockKey: lockKey === null ? null : Number(lockKey) })),
    worker_agents: workers.flatMap(({ id, agents }) => agents.map(({ app, agent, version, pinned }) => ({ workerId: id, app, agent, version, pinned }))),
    worker_tools: workers.flatMap(({ id, tools }) => tools.map(({ app, tool, can }) => ({ workerId: id, app, tool, can }))),
    audit: placed(model.audit.map(plain)),
  });
}

function plain(row: object): Row {
  return plainJson(row) as Row;
}
