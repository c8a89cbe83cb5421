import type { Gate, GateStatus, Page } from "@tape/core";
import type { Actor } from "../actor.ts";
import { cutPage, decodeCursor, limitOf } from "../cursor.ts";
import { assertId } from "../identity.ts";
import { read } from "../read.ts";
import { Parameters } from "../run/filter.ts";
import type { Store } from "../store.ts";
import { assigneesOf } from "./assignee.ts";
import { getGatesOfRuns } from "./of-runs.ts";
import { GATE_SELECT, toGate, type GateRow } from "./row.ts";

export interface GateFilter {
  /** Default: OPEN. */
  status?: GateStatus;
  runId?: string;
  /** Only gates that this person may decide by their assignees. */
  assignee?: Actor;
  agent?: string;
}

/** Gates in pages: open ones oldest first, closed ones from the latest decision back. `runId` without a status is every gate of that run, as they were opened, on one page. */
export async function listGates(store: Store, { cursor, limit, ...filter }: GateFilter & { cursor?: string; limit?: number }): Promise<Page<Gate>> {
  if (filter.runId !== undefined && filter.status === undefined) return { items: await getGatesOfRuns(store, { runIds: [filter.runId] }), nextCursor: null };
  const size = limitOf(limit);
  const isOpen = (filter.status ?? "OPEN") === "OPEN";
  const { conditions, parameters } = conditionsOf(filter);
  const at = isOpen ? "g.opened_at" : "g.decided_at";
  const [after, direction] = isOpen ? [">", "ASC"] : ["<", "DESC"];
  if (cursor !== undefined) {
    const last = decodeCursor(cursor);
    conditions.push(`(${at}, g.id) ${after} (${parameters.add(last.at)}::timestamptz, ${parameters.add(last.id)})`);
  }
  const text = `${GATE_SELECT} WHERE ${conditions.join(" AND ")} ORDER BY ${at} ${direction}, g.id ${direction} LIMIT ${parameters.add(size + 1)}`;
  const { rows, nextCursor } = cutPage(await read<GateRow>(store, text, parameters.values), size);
  return { items: rows.map(toGate), nextCursor };
}

/** How many gates are open, for this person if one is named. */
export async function countOpenGates(store: Store, filter: { assignee?: Actor } = {}): Promise<number> {
  const { conditions, parameters } = conditionsOf(filter);
  const [row] = await read<{ n: number }>(store, `SELECT count(*)::int AS n FROM tape.gates g WHERE ${conditions.join(" AND ")}`, parameters.values);
  return row!.n;
}

function conditionsOf(filter: GateFilter): { conditions: string[]; parameters: Parameters } {
  const parameters = new Parameters();
  const status = filter.status ?? "OPEN";
  // The partial indexes are for OPEN and for everything else.
  const conditions = [status === "OPEN" ? "g.status = 'OPEN'" : `g.status <> 'OPEN' AND g.status = ${parameters.add(status)}`];
  if (filter.runId !== undefined) {
    assertId("run", filter.runId);
    conditions.push(`g.run_id = ${parameters.add(filter.runId)}`);
  }
  if (filter.agent !== undefined) conditions.push(`g.agent = ${parameters.add(filter.agent)}`);
  if (filter.assignee) {
    const own = parameters.add(assigneesOf(filter.assignee));
    conditions.push(`(g.assignees = '{}' OR EXISTS (SELECT FROM unnest(g.assignees) AS a WHERE lower(a) = ANY (${own})))`);
  }
  return { conditions, parameters };
}
