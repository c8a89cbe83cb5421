import { explainWaiting, runMachine, type WhyFacts, type WhyWaiting } from "@tape/core";
import type { Store } from "../store.ts";
import { readFacts, type PageFacts } from "./facts.ts";
import type { RunRow } from "./row.ts";

/**
 * Why each of these runs is where it is: for a whole page in a handful of statements, none of them per run. A run that
 * has ended and settled has none.
 */
export async function whyOf(store: Store, rows: readonly RunRow[]): Promise<Map<string, WhyWaiting[]>> {
  const open = rows.filter(({ status, settledAt }) => !runMachine.ended.includes(status) || (status === "CANCELLED" && settledAt === null));
  if (open.length === 0) return new Map();
  const facts = await readFacts(store, open);
  return new Map(open.map((row) => [row.id, explainWaiting(factsOf(row, facts))]));
}

function factsOf(row: RunRow, facts: PageFacts): WhyFacts {
  const workers = facts.workers.filter(({ app, agent, isAlive }) => isAlive && app === row.app && agent === row.agent);
  const owner = facts.workers.find(({ id }) => id === row.owner);
  return {
    status: row.status,
    agent: row.agent,
    now: row.now,
    waits: row.waits,
    gates: facts.gates.get(row.id) ?? [],
    effects: facts.effects.get(row.id) ?? [],
    obligations: facts.obligations.get(row.id) ?? [],
    lease: row.owner && row.leaseExpiresAt ? { owner: row.owner, expiresAt: row.leaseExpiresAt, silentSince: owner && !owner.isAlive ? owner.beatAt : null } : null,
    dueAt: row.status === "RUNNABLE" ? row.dueAt : null,
    stuckReason: row.stuck,
    workersForAgent: workers.length,
    pinned: row.pinVersion === null ? null : { version: row.pinVersion, workers: workers.filter(({ version }) => version === row.pinVersion).length },
    settledAt: row.settledAt,
  };
}
