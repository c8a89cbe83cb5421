import type { Entry } from "@tape/core";
import { getRun, listEffects, listGates, listObligations, listTimers, listValues, readJournal } from "@tape/store";
import type { System } from "../system.ts";

/** How a run ended, without what differs between two runs of the same: ids, instants and how often something was tried. */
export type End = Record<string, unknown>;

export async function endOf({ store }: System, runId: string): Promise<End> {
  const journal = await journalOf({ store }, runId);
  const children = journal.flatMap((entry) => (entry.kind === "run" && entry.verb === "child" ? [entry.payload.runId] : []));
  const [run, effects, obligations, gates, timers, values] = await Promise.all([
    getRun(store, { id: runId }),
    listEffects(store, { runId, limit: 200 }),
    listObligations(store, { runId, limit: 200 }),
    listGates(store, { runId }),
    listTimers(store, { runId }),
    listValues(store, { namespace: `runs/${runId}`, limit: 200 }),
  ]);
  const keyOf = new Map(effects.items.map(({ id, key }) => [id, key]));
  const end = {
    status: run.status,
    endedAs: run.endedAs,
    output: run.output,
    unsettled: run.unsettled,
    effects: sorted(effects.items.map(({ key, tool, status, semantics, response, businessKey, externalRef }) => ({ key, tool, status, semantics, response, businessKey, externalRef }))),
    obligations: sorted(obligations.items.map(({ effectId, kind, status }) => ({ key: keyOf.get(effectId), kind, status }))),
    gates: gates.items.map(({ name, occurrence, status, outcome, comment }) => ({ name, occurrence, status, outcome, comment })),
    timers: sorted(timers.map(({ id, kind, status }) => ({ key: id, kind, status }))),
    values: values.items.map(({ key, version, value }) => ({ key, version, value })),
    decisions: sorted(journal.flatMap((entry) => (entry.kind === "decision" && entry.verb === "answered" ? [{ key: entry.payload.key, response: entry.payload.response }] : []))),
    children: await Promise.all(children.map((id) => childsEnd({ store }, id))),
  };
  const text = children.reduce((all, id, at) => all.replaceAll(id, `CHILD ${at}`), JSON.stringify(end).replaceAll(runId, "RUN"));
  return JSON.parse(text) as End;
}

async function childsEnd({ store }: Pick<System, "store">, id: string): Promise<End> {
  const [{ status, output }, effects] = await Promise.all([getRun(store, { id }), listEffects(store, { runId: id, limit: 200 })]);
  return { status, output, effects: effects.items.map(({ key, status: each, response }) => ({ key, status: each, response })) };
}

/** The whole journal of a run. */
export async function journalOf({ store }: Pick<System, "store">, runId: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let from: number | undefined = 0; from !== undefined; ) {
    const { items } = await readJournal(store, { runId, fromSeq: from, limit: 1_000 });
    entries.push(...items);
    from = items.length === 1_000 ? items.at(-1)?.seq : undefined;
  }
  return entries;
}

function sorted<T extends { key?: string | undefined }>(rows: T[]): T[] {
  return rows.sort((one, other) => ((one.key ?? "") < (other.key ?? "") ? -1 : 1));
}
